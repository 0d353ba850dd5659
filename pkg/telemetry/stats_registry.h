#pragma once

#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "pkg/telemetry/listener_stats.h"
#include "pkg/telemetry/route_stats.h"
#include "pkg/telemetry/series_table.h"
#include "pkg/telemetry/worker_instruments.h"

namespace fairlead::telemetry {

// Where a scrape finds what the workers count. Outlives every WorkerStats. Thread-safe.
class StatsRegistry {
 public:
  SeriesTable<ListenerStats>& listeners() { return listeners_; }
  const SeriesTable<ListenerStats>& listeners() const { return listeners_; }
  SeriesTable<RouteStats>& routes() { return routes_; }
  const SeriesTable<RouteStats>& routes() const { return routes_; }

  void AddWorker(const WorkerInstruments* worker);
  void RemoveWorker(const WorkerInstruments* worker);
  // In the order of their numbers, under the lock: be brief.
  void ForEachWorker(absl::FunctionRef<void(const WorkerInstruments&)> visit) const;

 private:
  SeriesTable<ListenerStats> listeners_;
  SeriesTable<RouteStats> routes_;
  mutable std::mutex mutex_;
  std::vector<const WorkerInstruments*> workers_;
};

}  // namespace fairlead::telemetry
