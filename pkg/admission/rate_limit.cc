#include "pkg/admission/rate_limit.h"

#include <algorithm>
#include <chrono>

namespace fairlead::admission {
namespace {

using std::chrono::nanoseconds;

constexpr int64_t kSecond = 1'000'000'000;

}  // namespace

std::optional<base::MonotonicTime> RateLimit::Reserve(base::MonotonicTime now,
                                                      base::MonotonicTime::duration patience) {
  const uint32_t rate = per_second_.load(std::memory_order_relaxed);
  if (rate == 0) return now;
  const int64_t time = nanoseconds(now.time_since_epoch()).count();
  const int64_t longest = nanoseconds(patience).count();
  int64_t before = full_at_.load(std::memory_order_relaxed);
  // More than may wait is owed by an earlier rate: it would keep everybody out for as long as that took.
  const int64_t at_most = time + kSecond + longest;
  while (before > at_most && !full_at_.compare_exchange_weak(before, at_most, std::memory_order_relaxed)) {
  }
  before = std::min(before, at_most);
  int64_t after = 0;
  do {
    after = std::max(before, time) + kSecond / rate;
    if (after > at_most) return std::nullopt;
  } while (!full_at_.compare_exchange_weak(before, after, std::memory_order_relaxed));
  return now + nanoseconds(std::max<int64_t>(after - time - kSecond, 0));
}

void RateLimit::GiveBack() {
  const uint32_t rate = per_second_.load(std::memory_order_relaxed);
  if (rate > 0) full_at_.fetch_sub(kSecond / rate, std::memory_order_relaxed);
}

base::MonotonicTime::duration RateLimit::TimeOf(uint32_t turns) const {
  const uint32_t rate = per_second_.load(std::memory_order_relaxed);
  return rate == 0 ? nanoseconds(0) : nanoseconds(kSecond / rate * turns);
}

}  // namespace fairlead::admission
