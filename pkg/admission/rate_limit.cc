#include "pkg/admission/rate_limit.h"

#include <algorithm>

namespace fairlead::admission {

bool RateLimit::TryTake(base::MonotonicTime now) {
  constexpr int64_t kSecond = 1'000'000'000;
  const uint32_t rate = per_second_.load(std::memory_order_relaxed);
  if (rate == 0) return true;
  const int64_t time = std::chrono::nanoseconds(now.time_since_epoch()).count();
  int64_t before = full_at_.load(std::memory_order_relaxed);
  int64_t after = 0;
  do {
    after = std::max(before, time) + kSecond / rate;
    if (after - time > kSecond) return false;
  } while (!full_at_.compare_exchange_weak(before, after, std::memory_order_relaxed));
  return true;
}

}  // namespace fairlead::admission
