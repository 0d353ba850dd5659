#include "pkg/admission/rate_limit.h"

#include <algorithm>
#include <chrono>

namespace fairlead::admission {
namespace {

using std::chrono::nanoseconds;

constexpr double kNanosPerSecond = 1e9;

}  // namespace

RateLimit::Turn RateLimit::Pace::At(base::MonotonicTime now) const {
  return turn + static_cast<double>(nanoseconds(now - since).count()) / kNanosPerSecond * per_second;
}

base::MonotonicTime RateLimit::Pace::When(Turn which) const {
  if (per_second == 0) return base::MonotonicTime::min();
  return since + nanoseconds(static_cast<int64_t>((which - turn) * kNanosPerSecond / per_second));
}

void RateLimit::SetRate(uint32_t per_second, base::MonotonicTime now) {
  const Pace& before = paces_.front();
  if (before.per_second == per_second) return;
  // Where there was none, nobody has waited: a whole second is saved up.
  const Turn turn =
      before.per_second > 0 ? before.At(now) : last_.load(std::memory_order_relaxed) + per_second;
  paces_.push_front({.since = now, .turn = turn, .per_second = per_second});
  pace_.store(&paces_.front(), std::memory_order_release);
}

std::optional<RateLimit::Turn> RateLimit::Reserve(base::MonotonicTime now,
                                                  base::MonotonicTime::duration patience) {
  const Pace& pace = *pace_.load(std::memory_order_acquire);
  Turn before = last_.load(std::memory_order_relaxed);
  const Turn oldest = pace.At(now) - pace.per_second;  // no more is saved up than a second's
  Turn turn = 0;
  do {
    turn = std::max(before, oldest) + 1;
    if (pace.When(turn) > now + patience) return std::nullopt;
  } while (!last_.compare_exchange_weak(before, turn, std::memory_order_relaxed));
  return turn;
}

void RateLimit::GiveBack() {
  Turn last = last_.load(std::memory_order_relaxed);
  while (!last_.compare_exchange_weak(last, last - 1, std::memory_order_relaxed)) {
  }
}

base::MonotonicTime::duration RateLimit::TimeOf(uint32_t turns) const {
  const Pace& pace = *pace_.load(std::memory_order_acquire);
  return pace.per_second == 0 ? nanoseconds(0)
                              : nanoseconds(static_cast<int64_t>(turns * kNanosPerSecond / pace.per_second));
}

}  // namespace fairlead::admission
