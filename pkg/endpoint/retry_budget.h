#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pkg/base/clock.h"

namespace fairlead::endpoint {

// How often something happened in the last ten seconds, in seconds of the monotonic clock. Any thread.
class RecentCount {
 public:
  static constexpr int64_t kWindow = 10;

  void Add(base::MonotonicTime now);
  // Takes one of this second back.
  void Remove(base::MonotonicTime now);
  uint64_t Sum(base::MonotonicTime now) const;

 private:
  static constexpr size_t kSlots = 16;

  // Which second (the upper half), and how often.
  std::array<std::atomic<uint64_t>, kSlots> slots_{};
};

// How many requests of a cluster may be given to another endpoint: a share of those that it had lately, and a
// few however few they were. When backends fail, what is asked of them grows by that share and no more, and
// not with how fast they fail. Any thread; two at once may go a few beyond it.
class RetryBudget {
 public:
  // Whoever asks for the first time.
  void CountRequest(base::MonotonicTime now) { requests_.Add(now); }

  // False when the last ten seconds' retries are `percent` of their requests and `min_per_second` on top.
  bool TryTake(uint32_t percent, uint32_t min_per_second, base::MonotonicTime now);
  // A retry that was not made after all.
  void GiveBack(base::MonotonicTime now) { retries_.Remove(now); }

 private:
  RecentCount requests_;
  RecentCount retries_;
};

}  // namespace fairlead::endpoint
