#include "pkg/telemetry/worker_stats.h"

#include <string>
#include <utility>

namespace fairlead::telemetry {

WorkerStats::WorkerStats(StatsRegistry& registry, int worker) : registry_(registry), instruments_(worker) {
  registry_.AddWorker(&instruments_);
}

WorkerStats::~WorkerStats() {
  for (const auto& [key, block] : listeners_) registry_.listeners().Remove(block.get());
  for (const auto& [key, block] : routes_) registry_.routes().Remove(block.get());
  registry_.RemoveWorker(&instruments_);
}

ListenerStatsRef WorkerStats::Listener(std::string_view listener) {
  const auto found = listeners_.find(listener);
  if (found != listeners_.end()) return ListenerStatsRef(found->second.get());
  auto block = std::make_unique<ListenerStats>(ListenerLabels{std::string(listener)});
  ListenerStats* const made = block.get();
  listeners_.emplace(made->labels().listener, std::move(block));
  registry_.listeners().Add(made);
  return ListenerStatsRef(made);
}

RouteStatsRef WorkerStats::Route(std::string_view listener, std::string_view route,
                                 std::string_view cluster) {
  const auto found = routes_.find(RouteKey(route, cluster, listener));
  if (found != routes_.end()) return RouteStatsRef(found->second.get());
  auto block = std::make_unique<RouteStats>(RouteLabels{
      .route = std::string(route), .cluster = std::string(cluster), .listener = std::string(listener)});
  RouteStats* const made = block.get();
  const RouteLabels& labels = made->labels();
  routes_.emplace(RouteKey(labels.route, labels.cluster, labels.listener), std::move(block));
  registry_.routes().Add(made);
  return RouteStatsRef(made);
}

void WorkerStats::Prune(absl::FunctionRef<bool(std::string_view)> listener_exists,
                        absl::FunctionRef<bool(const RouteLabels&)> route_exists) {
  absl::erase_if(listeners_, [&](const auto& entry) {
    const ListenerStats& block = *entry.second;
    if (block.referenced() || listener_exists(block.labels().listener)) return false;
    registry_.listeners().Remove(&block);
    return true;
  });
  absl::erase_if(routes_, [&](const auto& entry) {
    const RouteStats& block = *entry.second;
    const RouteLabels& labels = block.labels();
    if (block.referenced()) return false;
    if (labels.route.empty() ? listener_exists(labels.listener) : route_exists(labels)) return false;
    registry_.routes().Remove(&block);
    return true;
  });
}

}  // namespace fairlead::telemetry
