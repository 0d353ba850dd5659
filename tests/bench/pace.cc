#include "tests/bench/pace.h"

#include <algorithm>
#include <cmath>

namespace fairlead::bench {

int Pace::TakeDue(Clock::time_point now) {
  const std::chrono::duration<double> passed = now - start_;
  const int64_t due = static_cast<int64_t>(passed.count() * per_second_) - taken_;
  taken_ += due;
  return static_cast<int>(due);
}

int Pace::MillisecondsLeft(Clock::time_point now) const {
  const std::chrono::duration<double> passed = now - start_;
  const double left = static_cast<double>(taken_ + 1) / per_second_ - passed.count();
  return std::max(0, static_cast<int>(std::ceil(left * 1000)));
}

}  // namespace fairlead::bench
