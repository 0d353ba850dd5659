#pragma once

#include <atomic>

#include "pkg/base/clock.h"

namespace fairlead::testing {

// Time that stands still until the test moves it. Any thread may read and move it.
class FakeClock final : public base::Clock {
 public:
  explicit FakeClock(base::WallTime wall = base::WallTime(std::chrono::hours(24 * 365 * 50))) : wall_(wall) {}

  base::MonotonicTime Now() const override { return base::MonotonicTime(std::chrono::hours(1)) + Elapsed(); }
  base::WallTime WallNow() const override { return wall_ + Elapsed(); }
  void Advance(std::chrono::milliseconds by) { elapsed_ms_ += by.count(); }

 private:
  std::chrono::milliseconds Elapsed() const { return std::chrono::milliseconds(elapsed_ms_.load()); }
  const base::WallTime wall_;
  std::atomic<int64_t> elapsed_ms_{0};
};

}  // namespace fairlead::testing
