#include "pkg/telemetry/process_stats.h"

#include <chrono>

namespace fairlead::telemetry {

void ProcessStats::ConfigApplied(uint64_t revision, base::WallTime when) {
  const std::chrono::duration<double> since_epoch = when.time_since_epoch();
  config_revision_.store(revision, std::memory_order_relaxed);
  config_applied_at_.store(since_epoch.count(), std::memory_order_relaxed);
}

}  // namespace fairlead::telemetry
