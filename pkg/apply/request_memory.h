#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "pkg/apply/change.h"
#include "pkg/base/clock.h"

namespace fairlead::apply {

// Which answers were given to which request ids, so that a caller who lost one may ask again without changing
// anything twice. Apply thread.
class RequestMemory {
 public:
  static constexpr base::Duration kRemembered = std::chrono::minutes(10);
  // Beyond so many, or so much, the oldest is forgotten early: a flood must not cost memory without bound.
  static constexpr size_t kMaxRequests = 100'000;
  static constexpr size_t kMaxBytes = 64 << 20;

  struct Known {
    std::string fingerprint;
    Answer answer;
  };

  // Null when the id is not known. Until the next call.
  const Known* Find(const std::string& request_id, base::MonotonicTime now);
  // Of an id that is not known.
  void Add(const std::string& request_id, Known known, base::MonotonicTime now);

 private:
  struct Entry {
    Known known;
    base::MonotonicTime until;
    size_t bytes = 0;
  };

  void Forget(base::MonotonicTime now);

  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> in_order_;  // the oldest first
  size_t bytes_ = 0;
  std::shared_ptr<const Impact> last_impact_;  // a batch has one: it counts for the first of its answers
};

}  // namespace fairlead::apply
