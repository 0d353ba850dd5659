#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "pkg/loop/loop.h"

namespace fairlead::app {

// Puts the answers of all workers together, whichever comes last, on the loop of who asked.
template <typename Part>
class Gathering {
 public:
  using Done = absl::AnyInvocable<void(std::vector<Part>)>;

  Gathering(size_t workers, loop::Loop& loop, Done done)
      : parts_(workers), remaining_(workers), loop_(loop), done_(std::move(done)) {}

  void Add(size_t worker, Part part) {
    {
      const std::lock_guard lock(mutex_);
      parts_[worker] = std::move(part);
      if (--remaining_ > 0) return;
    }
    loop_.Post([done = std::move(done_), parts = std::move(parts_)]() mutable { done(std::move(parts)); });
  }

 private:
  std::mutex mutex_;
  std::vector<Part> parts_;
  size_t remaining_;
  loop::Loop& loop_;
  Done done_;
};

// All that the parts hold, each `id` once: a worker that answers in steps may list one twice, while others
// close in between.
template <typename Item>
std::vector<Item> Merged(std::vector<std::vector<Item>> parts) {
  std::vector<Item> all;
  absl::flat_hash_set<uint64_t> seen;
  for (std::vector<Item>& part : parts) {
    for (Item& item : part) {
      if (seen.insert(item.id).second) all.push_back(std::move(item));
    }
  }
  return all;
}

}  // namespace fairlead::app
