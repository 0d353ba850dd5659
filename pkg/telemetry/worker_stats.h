#pragma once

#include <memory>
#include <string_view>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "pkg/telemetry/listener_stats.h"
#include "pkg/telemetry/route_stats.h"
#include "pkg/telemetry/stats_registry.h"
#include "pkg/telemetry/worker_instruments.h"

namespace fairlead::telemetry {

// Everything one worker counts. Made, used and destroyed on the worker's thread (made before it starts is as
// good); the registry reads it from others. Outlived by the registry; outlives every StatsRef it handed out.
class WorkerStats {
 public:
  // `worker`: its number, which becomes a label.
  WorkerStats(StatsRegistry& registry, int worker);
  ~WorkerStats();
  WorkerStats(const WorkerStats&) = delete;
  WorkerStats& operator=(const WorkerStats&) = delete;

  // The block of these labels, made at first use: a hash look-up otherwise. A tunnel keeps what it got, and
  // with it the names of its listener, route and cluster.
  ListenerStatsRef Listener(std::string_view listener);
  RouteStatsRef Route(std::string_view listener, std::string_view route, std::string_view cluster);

  // After a configuration change: forgets the blocks that nothing refers to and that the new configuration
  // does not name. Blocks of a listener's unrouted requests (`route` empty) go with their listener.
  void Prune(absl::FunctionRef<bool(std::string_view listener)> listener_exists,
             absl::FunctionRef<bool(const RouteLabels&)> route_exists);

  WorkerInstruments& instruments() { return instruments_; }

 private:
  using RouteKey = std::tuple<std::string_view, std::string_view, std::string_view>;

  StatsRegistry& registry_;
  WorkerInstruments instruments_;
  // The keys are views of the labels in the block.
  absl::flat_hash_map<std::string_view, std::unique_ptr<ListenerStats>> listeners_;
  absl::flat_hash_map<RouteKey, std::unique_ptr<RouteStats>> routes_;
};

}  // namespace fairlead::telemetry
