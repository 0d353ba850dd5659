#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace fairlead::app {

// Puts the answers of all workers together, whichever comes last.
template <typename Part>
class Gathering {
 public:
  using Done = absl::AnyInvocable<void(std::vector<Part>)>;

  Gathering(size_t workers, Done done) : parts_(workers), remaining_(workers), done_(std::move(done)) {}

  void Add(size_t worker, Part part) {
    {
      const std::lock_guard lock(mutex_);
      parts_[worker] = std::move(part);
      if (--remaining_ > 0) return;
    }
    done_(std::move(parts_));
  }

 private:
  std::mutex mutex_;
  std::vector<Part> parts_;
  size_t remaining_;
  Done done_;
};

}  // namespace fairlead::app
