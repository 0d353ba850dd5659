#include "pkg/proxy/drain_pacer.h"

#include <algorithm>
#include <chrono>

namespace fairlead::proxy {

size_t DrainPacer::DueAt(base::MonotonicTime now, size_t still_open) const {
  if (Expired(now)) return still_open;
  const double share = std::chrono::duration<double>(now - begin_) / std::chrono::duration<double>(window_);
  const auto should_remain = static_cast<size_t>(static_cast<double>(total_) * (1.0 - share));
  return still_open > should_remain ? still_open - should_remain : 0;
}

}  // namespace fairlead::proxy
