#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "pkg/base/clock.h"

namespace fairlead::admission {

// So many a second, and as many at once when none came for a second: a token bucket, kept as the time at
// which it is full again (the generic cell rate algorithm of ATM, ITU-T I.371). Shared by all workers without
// a lock; any thread.
class RateLimit {
 public:
  // 0 = unlimited.
  void SetRate(uint32_t per_second) { per_second_.store(per_second, std::memory_order_relaxed); }

  bool TryTake(base::MonotonicTime now) { return Reserve(now, base::MonotonicTime::duration(0)).has_value(); }

  // The moment at which it is one's turn: now or, behind those who have come before, at most `patience`
  // later. Nothing when that is too soon.
  std::optional<base::MonotonicTime> Reserve(base::MonotonicTime now, base::MonotonicTime::duration patience);
  // A turn that is not used: those who come later have it.
  void GiveBack();

  // How long so many take who wait.
  base::MonotonicTime::duration TimeOf(uint32_t turns) const;

 private:
  std::atomic<uint32_t> per_second_{0};
  std::atomic<int64_t> full_at_{0};  // nanoseconds of the monotonic clock
};

}  // namespace fairlead::admission
