#include "pkg/health/monitor.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace fairlead::health {

void Monitor::Update(const snapshot::Snapshot& snapshot) {
  UpdateWatches(snapshot);
  UpdateEjections(snapshot);
  UpdateRamps(snapshot);
  Beat(loop_.Now());
}

void Monitor::UpdateWatches(const snapshot::Snapshot& snapshot) {
  Watches before = std::exchange(watches_, {});
  for (const auto& cluster : snapshot.clusters()) {
    const auto& check = cluster->resilience().health_check;
    if (!check) continue;
    const Security security{.wanted = cluster->wants_tls(), .context = cluster->tls()};
    for (const auto& endpoint : cluster->endpoints()) {
      std::unique_ptr<Watch>& watch = watches_[endpoint.get()];
      if (const auto held = before.find(endpoint.get()); held != before.end()) {
        watch = std::move(held->second);
        before.erase(held);
        if (watch->check() != *check || watch->security() != security) watch->Change(*check, security);
      } else {
        watch = std::make_unique<Watch>(loop_, workspace_, random_, endpoint, *check, security);
      }
    }
  }
  // Nobody asks these any more: what their last answers were says nothing about later.
  for (const auto& [address, watch] : before) watch->endpoint()->SetUnhealthy(false);
}

void Monitor::UpdateEjections(const snapshot::Snapshot& snapshot) {
  std::vector<Cluster> before = std::exchange(ejecting_, {});
  for (const auto& cluster : snapshot.clusters()) {
    if (cluster->resilience().outlier) ejecting_.push_back(cluster->state());
  }
  for (const Cluster& cluster : before) {
    const bool kept = std::find(ejecting_.begin(), ejecting_.end(), cluster) != ejecting_.end();
    if (!kept) cluster->ejections.ReturnAll();
  }
}

void Monitor::UpdateRamps(const snapshot::Snapshot& snapshot) {
  for (size_t i = 0; i < snapshot.clusters().size(); ++i) {
    const base::Duration time = snapshot.config().clusters[i].load_balancing.slow_start;
    for (const auto& endpoint : snapshot.clusters()[i]->endpoints()) ramps_.Add(endpoint, time);
  }
  if (ramps_.empty()) return;
  std::unordered_set<const endpoint::Endpoint*> present;
  for (const auto& cluster : snapshot.clusters()) {
    for (const auto& endpoint : cluster->endpoints()) present.insert(endpoint.get());
  }
  ramps_.Prune([&](const endpoint::Endpoint& endpoint) { return present.contains(&endpoint); });
}

// Where nobody asks, nothing speaks against it.
bool Monitor::KnownToWork(const endpoint::Endpoint& endpoint) const {
  const auto watch = watches_.find(&endpoint);
  return watch == watches_.end() || watch->second->state() == Verdict::State::kHealthy;
}

void Monitor::Beat(base::MonotonicTime now) {
  for (const Cluster& cluster : ejecting_) cluster->ejections.Return(now);
  ramps_.Advance(now, [this](const endpoint::Endpoint& endpoint) { return KnownToWork(endpoint); });
  if (ejecting_.empty() && ramps_.empty()) return Disarm();
  loop_.deadlines().Arm(*this, now + base::DeadlineWheel::kTick);
}

}  // namespace fairlead::health
