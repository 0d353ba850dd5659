#pragma once

#include <chrono>
#include <cstdint>

namespace fairlead::bench {

using Clock = std::chrono::steady_clock;

/// Occasions at a steady rate, from `start` on. Who comes late is told of all that were missed, so that the
/// rate holds over any length of time.
class Pace {
 public:
  Pace(double per_second, Clock::time_point start) : per_second_(per_second), start_(start) {}

  /// How many have come due since the last call.
  int TakeDue(Clock::time_point now);

  /// Time to the next one, rounded up: what epoll_wait wants.
  int MillisecondsLeft(Clock::time_point now) const;

 private:
  const double per_second_;
  const Clock::time_point start_;
  int64_t taken_ = 0;
};

}  // namespace fairlead::bench
