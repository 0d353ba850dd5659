#include "pkg/drain/endpoint_drains.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "pkg/drain/configured_state.h"

namespace fairlead::drain {
namespace {

using Settings = std::optional<config::ClusterDrain>;

}  // namespace

void EndpointDrains::Update(const snapshot::Snapshot* before, const snapshot::Snapshot& now) {
  struct Place {
    const Settings& settings;  // nothing = its tunnels stay
    bool draining;
  };
  std::unordered_map<const endpoint::Endpoint*, Place> places;
  std::unordered_map<std::string_view, const Settings*> clusters;
  for (size_t i = 0; i < now.clusters().size(); ++i) {
    const snapshot::Cluster& cluster = *now.clusters()[i];
    const Settings& settings = cluster.resilience().drain;
    clusters[cluster.name()] = &settings;
    for (size_t k = 0; k < cluster.endpoints().size(); ++k) {
      const bool draining = IsDraining(now.config().clusters[i], k);
      places.emplace(cluster.endpoints()[k].get(), Place{settings, draining});
      if (draining && settings) Leave(cluster.endpoints()[k], *settings, true);
    }
  }
  for (size_t i = 0; before != nullptr && i < before->clusters().size(); ++i) {
    const snapshot::Cluster& was = *before->clusters()[i];
    const auto cluster = clusters.find(was.name());
    const Settings& settings = cluster == clusters.end() ? was.resilience().drain : *cluster->second;
    if (!settings) continue;
    for (const auto& endpoint : was.endpoints()) {
      if (!places.contains(endpoint.get())) Leave(endpoint, *settings, false);
    }
  }
  std::erase_if(leaving_, [&](const Leaving& leaving) {
    const auto place = places.find(leaving.endpoint.get());
    bool stays = place != places.end() && (!place->second.draining || !place->second.settings);
    if (place == places.end()) {
      const auto cluster = clusters.find(leaving.endpoint->cluster());
      stays = cluster != clusters.end() && !*cluster->second;
    }
    if (stays) drains_.Cancel(leaving.drain);
    return stays;
  });
  Step();
}

void EndpointDrains::Leave(const std::shared_ptr<endpoint::Endpoint>& endpoint,
                           const config::ClusterDrain& settings, bool configured) {
  auto known = std::find_if(leaving_.begin(), leaving_.end(),
                            [&](const Leaving& leaving) { return leaving.endpoint == endpoint; });
  if (known == leaving_.end()) {
    leaving_.push_back({.endpoint = endpoint, .settings = {}, .drain = nullptr});
    known = std::prev(leaving_.end());
  }
  // A drain that is under way goes on as it began.
  known->settings = settings;
  known->configured = configured;
}

void EndpointDrains::Step() {
  for (Leaving& leaving : leaving_) Step(leaving);
  std::erase_if(leaving_, [](const Leaving& leaving) {
    // An upgrade that is under way may yet become a tunnel.
    return !leaving.configured && !leaving.drain && leaving.endpoint->active() == 0;
  });
}

void EndpointDrains::Step(Leaving& leaving) {
  if (leaving.drain && leaving.drain->over()) {
    leaving.cancelled = leaving.drain->progress.state == State::kCancelled;
    leaving.drain = nullptr;
  }
  if (leaving.drain || leaving.cancelled || leaving.endpoint->open_tunnels() == 0) return;
  leaving.drain = drains_.Begin({.cause = Cause::kEndpoint,
                                 .cluster = leaving.endpoint->cluster(),
                                 .endpoint = leaving.endpoint->label(),
                                 .who = {.at = leaving.endpoint.get()},
                                 .pace = PaceOf(leaving.settings),
                                 .order = {.reason = telemetry::CloseReason::kEndpointDrained,
                                           .code = leaving.settings.close_code,
                                           .text = "the backend is going away"}});
}

}  // namespace fairlead::drain
