#pragma once

#include <algorithm>

#include "pkg/base/clock.h"
#include "pkg/base/random.h"

namespace fairlead::control {

// How long to wait before the next attempt: anything up to a bound that doubles with each failure (full
// jitter), so that a thousand clients that lost the same server do not come back together. One thread.
class Backoff {
 public:
  static constexpr base::Duration kFirst{500};
  static constexpr base::Duration kLast{30'000};

  // Draws from `random`, which outlives this.
  explicit Backoff(base::Random& random) : random_(random) {}

  base::Duration Next() {
    const base::Duration wait(std::uniform_int_distribution<base::Duration::rep>(0, bound_.count())(random_));
    bound_ = std::min(bound_ * 2, kLast);
    return wait;
  }
  // After a success.
  void Reset() { bound_ = kFirst; }

 private:
  base::Random& random_;
  base::Duration bound_ = kFirst;
};

}  // namespace fairlead::control
