#include "pkg/admission/budget.h"

namespace fairlead::admission {

bool Budget::TryTake() {
  const int64_t limit = limit_.load(std::memory_order_relaxed);
  if (limit > 0) UpdateOverload();  // how far it went down, and below how far up: nobody else may look
  int64_t taken = taken_.load(std::memory_order_relaxed);
  do {
    if (limit > 0 && taken >= limit) return false;
  } while (!taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
  if (parent_ == nullptr || parent_->TryTake()) {
    if (limit > 0) UpdateOverload();
    return true;
  }
  taken_.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void Budget::GiveBack() {
  taken_.fetch_sub(1, std::memory_order_relaxed);
  if (parent_ != nullptr) parent_->GiveBack();
}

}  // namespace fairlead::admission
