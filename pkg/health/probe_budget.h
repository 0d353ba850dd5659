#pragma once

#include <cstddef>

namespace fairlead::health {

// How many questions may be under way at once: each is a connection, and where very many backends do not
// answer, those that wait for them must not use up the descriptors that clients need. One thread.
class ProbeBudget {
 public:
  explicit ProbeBudget(size_t most) : left_(most) {}

  bool TryTake() {
    if (left_ == 0) return false;
    --left_;
    return true;
  }
  void GiveBack() { ++left_; }

 private:
  size_t left_;
};

}  // namespace fairlead::health
