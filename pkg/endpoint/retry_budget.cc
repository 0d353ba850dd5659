#include "pkg/endpoint/retry_budget.h"

#include <chrono>

namespace fairlead::endpoint {
namespace {

constexpr unsigned kCountBits = 32;
constexpr uint64_t kCountMask = (uint64_t{1} << kCountBits) - 1;

int64_t SecondOf(base::MonotonicTime now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

}  // namespace

void RecentCount::Add(base::MonotonicTime now) {
  const int64_t second = SecondOf(now);
  std::atomic<uint64_t>& slot = slots_[static_cast<size_t>(second) % kSlots];
  const uint64_t fresh = static_cast<uint64_t>(second) << kCountBits | 1;
  uint64_t before = slot.load(std::memory_order_relaxed);
  while (true) {
    const bool same = before >> kCountBits == fresh >> kCountBits;
    if (slot.compare_exchange_weak(before, same ? before + 1 : fresh, std::memory_order_relaxed)) return;
  }
}

void RecentCount::Remove(base::MonotonicTime now) {
  const int64_t second = SecondOf(now);
  std::atomic<uint64_t>& slot = slots_[static_cast<size_t>(second) % kSlots];
  uint64_t before = slot.load(std::memory_order_relaxed);
  while (before >> kCountBits == static_cast<uint64_t>(second) && (before & kCountMask) > 0) {
    if (slot.compare_exchange_weak(before, before - 1, std::memory_order_relaxed)) return;
  }
}

uint64_t RecentCount::Sum(base::MonotonicTime now) const {
  const int64_t second = SecondOf(now);
  uint64_t sum = 0;
  for (const std::atomic<uint64_t>& slot : slots_) {
    const uint64_t value = slot.load(std::memory_order_relaxed);
    const auto age = second - static_cast<int64_t>(value >> kCountBits);
    // A worker's clock may be a little ahead of another's.
    if (age >= -1 && age < kWindow) sum += value & kCountMask;
  }
  return sum;
}

bool RetryBudget::TryTake(uint32_t percent, uint32_t min_per_second, base::MonotonicTime now) {
  const uint64_t allowed =
      requests_.Sum(now) * percent / 100 + uint64_t{min_per_second} * RecentCount::kWindow;
  if (retries_.Sum(now) >= allowed) return false;
  retries_.Add(now);
  return true;
}

}  // namespace fairlead::endpoint
