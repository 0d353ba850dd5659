#include "pkg/telemetry/stats_registry.h"

#include <algorithm>

namespace fairlead::telemetry {

void StatsRegistry::AddWorker(const WorkerInstruments* worker) {
  std::lock_guard lock(mutex_);
  const auto place = std::upper_bound(
      workers_.begin(), workers_.end(), worker,
      [](const WorkerInstruments* a, const WorkerInstruments* b) { return a->worker < b->worker; });
  workers_.insert(place, worker);
}

void StatsRegistry::RemoveWorker(const WorkerInstruments* worker) {
  std::lock_guard lock(mutex_);
  std::erase(workers_, worker);
}

void StatsRegistry::ForEachWorker(absl::FunctionRef<void(const WorkerInstruments&)> visit) const {
  std::lock_guard lock(mutex_);
  for (const WorkerInstruments* worker : workers_) visit(*worker);
}

}  // namespace fairlead::telemetry
