#include "pkg/proxy/drain_pacer.h"

#include <algorithm>
#include <chrono>

namespace fairlead::proxy {

size_t DrainPacer::DueAt(base::MonotonicTime now, size_t still_open) const {
  if (Expired(now)) return still_open;
  // Whole numbers: a share such as 0.1 has no exact double, and a tunnel more would go.
  const auto left = std::chrono::duration_cast<base::Duration>(begin_ + window_ - now);
  const size_t should_remain =
      total_ * static_cast<size_t>(left.count()) / static_cast<size_t>(window_.count());
  return still_open > should_remain ? still_open - should_remain : 0;
}

}  // namespace fairlead::proxy
