#include "pkg/drain/route_drains.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <variant>

#include "pkg/drain/late_comers.h"

namespace fairlead::drain {
namespace {

std::set<std::string_view> RoutesOf(const config::Config& config) {
  std::set<std::string_view> names;
  for (const config::VirtualHost& host : config.virtual_hosts) {
    for (const config::Route& route : host.routes) names.insert(route.name);
  }
  return names;
}

// What the cluster says, or said; otherwise the defaults.
config::ClusterDrain SettingsOf(std::string_view cluster, const config::Config& before,
                                const config::Config& now) {
  for (const config::Config* config : {&now, &before}) {
    for (const config::Cluster& known : config->clusters) {
      if (known.name == cluster) return known.resilience.drain.value_or(config::ClusterDrain());
    }
  }
  return {};
}

}  // namespace

void RouteDrains::Update(const snapshot::Snapshot* before, const snapshot::Snapshot& now,
                         base::MonotonicTime time) {
  const std::set<std::string_view> names = RoutesOf(now.config());
  std::erase_if(removed_, [&](const Removed& removed) {
    const bool back = names.contains(removed.route);
    if (back) drains_.Cancel(removed.drain);
    return back;
  });
  if (before == nullptr) return;
  for (const config::VirtualHost& host : before->config().virtual_hosts) {
    for (const config::Route& route : host.routes) {
      const auto* targets = std::get_if<std::vector<config::WeightedCluster>>(&route.action);
      if (route.on_removed == config::OnRemoved::kKeep || !targets || names.contains(route.name)) continue;
      for (const config::WeightedCluster& target : *targets) {
        removed_.push_back({.route = route.name,
                            .cluster = target.name,
                            .settings = SettingsOf(target.name, before->config(), now.config()),
                            .last_comers = time + kLateComers,
                            .looked_at = {},
                            .drain = nullptr});
        Begin(removed_.back(), time);
      }
    }
  }
}

void RouteDrains::Begin(Removed& removed, base::MonotonicTime now) {
  removed.looked_at = now;
  removed.drain = drains_.Begin({.cause = Cause::kRoute,
                                 .cluster = removed.cluster,
                                 .route = removed.route,
                                 .who = {.route = removed.route, .cluster = removed.cluster},
                                 .pace = PaceOf(removed.settings),
                                 .order = {.reason = telemetry::CloseReason::kRouteRemoved,
                                           .code = removed.settings.close_code,
                                           .text = "the route was removed"}});
}

void RouteDrains::Step(base::MonotonicTime now) {
  std::erase_if(removed_, [&](Removed& removed) {
    const DrainStatus& drain = *removed.drain;
    if (!drain.over() || now - removed.looked_at < kLookForLateComers) return false;
    const bool nobody = drain.progress.total == 0 && removed.looked_at >= removed.last_comers;
    if (nobody || drain.progress.state == State::kCancelled) return true;
    Begin(removed, now);
    return false;
  });
}

}  // namespace fairlead::drain
