#include "pkg/base/once_per_second.h"

#include <fmt/format.h>

#include <chrono>

namespace fairlead::base {

bool OncePerSecond::Ready(MonotonicTime now) {
  MonotonicTime next = next_.load(std::memory_order_relaxed);
  if (now >= next &&
      next_.compare_exchange_strong(next, now + std::chrono::seconds(1), std::memory_order_relaxed)) {
    return true;
  }
  suppressed_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

std::string OncePerSecond::TakeSuppressed() {
  const uint64_t suppressed = suppressed_.exchange(0, std::memory_order_relaxed);
  return suppressed == 0 ? "" : fmt::format(" (and {} more since the last line)", suppressed);
}

}  // namespace fairlead::base
