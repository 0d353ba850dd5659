#include "pkg/health/monitor.h"

#include <cstddef>
#include <string>
#include <unordered_set>
#include <utility>

#include "pkg/proxy_protocol/header_writer.h"

namespace fairlead::health {

namespace {

// What a connection to a backend of the cluster begins with that is about nobody but us.
std::string OwnProxyHeader(config::SendProxyProtocol version) {
  const proxy_protocol::Header header{.local = true};
  switch (version) {
    case config::SendProxyProtocol::kDisabled:
      return "";
    case config::SendProxyProtocol::kV1:
      return proxy_protocol::WriteV1(header);
    case config::SendProxyProtocol::kV2:
      return proxy_protocol::WriteV2(header);
  }
  return "";
}

}  // namespace

void Monitor::Update(const snapshot::Snapshot& snapshot) {
  UpdateWatches(snapshot);
  UpdateEjections(snapshot);
  UpdateRamps(snapshot);
  Beat(loop_.Now());
}

void Monitor::UpdateWatches(const snapshot::Snapshot& snapshot) {
  Watches before = std::exchange(watches_, {});
  for (size_t i = 0; i < snapshot.clusters().size(); ++i) {
    const auto& cluster = snapshot.clusters()[i];
    const config::Cluster& config = snapshot.config().clusters[i];
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
        watch =
            std::make_unique<Watch>(loop_, workspace_, random_, budget_, ramps_, endpoint, *check, security);
      }
      watch->Precede(OwnProxyHeader(config.proxy_protocol));
      watch->SlowStart(config.load_balancing.slow_start);
    }
  }
  // Nobody asks these any more: what their last answers were says nothing about later.
  for (const auto& [address, watch] : before) watch->endpoint()->SetUnhealthy(false);
}

void Monitor::UpdateEjections(const snapshot::Snapshot& snapshot) {
  std::vector<Ejecting> before = std::exchange(ejecting_, {});
  std::unordered_set<const endpoint::ClusterState*> present;
  for (const auto& cluster : snapshot.clusters()) {
    present.insert(cluster->state().get());
    ejecting_.push_back({.cluster = cluster->state(), .by_clock = cluster->resilience().outlier.has_value()});
  }
  for (const Ejecting& one : before) {
    if (!present.contains(one.cluster.get())) one.cluster->ejections.ReturnAll();
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
  for (const Ejecting& one : ejecting_) {
    if (one.by_clock) {
      one.cluster->ejections.Return(now);
    } else if (!one.cluster->ejections.empty()) {
      one.cluster->ejections.ReturnAll();
    }
  }
  ramps_.Advance(now, [this](const endpoint::Endpoint& endpoint) { return KnownToWork(endpoint); });
  if (ejecting_.empty() && ramps_.empty()) return Disarm();
  loop_.deadlines().Arm(*this, now + base::DeadlineWheel::kTick);
}

}  // namespace fairlead::health
