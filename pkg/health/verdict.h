#pragma once

#include <cstdint>

namespace fairlead::health {

// What the answers of an endpoint come to. It takes a row of them to change what is known; while nothing is
// known, the first decides.
class Verdict {
 public:
  enum class State : uint8_t { kUnknown, kHealthy, kUnhealthy };

  State state() const { return state_; }

  // Thresholds from 1 on.
  void Answered(bool good, uint32_t healthy_threshold, uint32_t unhealthy_threshold) {
    const State now = good ? State::kHealthy : State::kUnhealthy;
    if (now == state_) {
      against_ = 0;
    } else if (state_ == State::kUnknown || ++against_ >= (good ? healthy_threshold : unhealthy_threshold)) {
      state_ = now;
      against_ = 0;
    }
  }

 private:
  State state_ = State::kUnknown;
  uint32_t against_ = 0;  // answers in a row that speak against the state
};

}  // namespace fairlead::health
