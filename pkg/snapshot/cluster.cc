#include "pkg/snapshot/cluster.h"

#include <algorithm>
#include <utility>

#include "pkg/balancer/least_connections.h"
#include "pkg/balancer/maglev.h"
#include "pkg/balancer/round_robin.h"
#include "pkg/route/hash_key.h"

namespace fairlead::snapshot {
namespace {

// One line for each policy; its file in pkg/balancer is the rest.
std::unique_ptr<const balancer::Balancer> MakeBalancer(config::Policy policy,
                                                       std::span<const balancer::Host> hosts) {
  switch (policy) {
    case config::Policy::kRoundRobin:
      return std::make_unique<balancer::RoundRobin>(hosts);
    case config::Policy::kLeastConnections:
      return std::make_unique<balancer::LeastConnections>(hosts);
    case config::Policy::kMaglev:
      return std::make_unique<balancer::Maglev>(hosts);
  }
  return nullptr;
}

// The endpoints behind the name of a cluster that asks DNS.
std::vector<config::Endpoint> MembersAt(const std::vector<base::IpAddress>& resolved, uint16_t port) {
  std::vector<config::Endpoint> members;
  members.reserve(resolved.size());
  for (const base::IpAddress& ip : resolved) {
    config::Endpoint member;
    member.address = base::SocketAddress(base::IpPort{ip, port});
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace

Cluster::Cluster(const config::Cluster& cluster, std::vector<base::IpAddress> resolved,
                 endpoint::Registry& registry)
    : name_(cluster.name),
      resolved_(std::move(resolved)),
      hash_keys_(cluster.load_balancing.hash_key),
      resilience_(cluster.resilience),
      state_(registry.GetClusterState(cluster.name)),
      places_by_key_(cluster.load_balancing.policy == config::Policy::kMaglev) {
  std::vector<config::Endpoint> from_dns;
  if (cluster.dns) from_dns = MembersAt(resolved_, cluster.dns->port);
  const std::vector<config::Endpoint>& members = cluster.dns ? from_dns : cluster.endpoints;
  std::vector<std::string> hash_ids;
  std::vector<balancer::Host> hosts;
  hash_ids.reserve(members.size());
  hosts.reserve(members.size());
  endpoints_.reserve(members.size());
  for (const config::Endpoint& member : members) {
    endpoints_.push_back(registry.GetEndpoint(name_, member.address, member.id));
    hash_ids.push_back(member.hash_id.empty() ? member.address.ToString() : member.hash_id);
    // To a table a draining endpoint is one that has left: what it held moves once, now, and not again when
    // it goes.
    const bool draining = member.state == config::EndpointState::kDraining;
    if (draining || member.weight > 0) {
      returnable_.emplace(endpoints_.back()->label(), endpoints_.size() - 1);
    }
    hosts.push_back({.hash_id = hash_ids.back(), .weight = draining ? 0 : member.weight});
  }
  balancer_ = MakeBalancer(cluster.load_balancing.policy, hosts);
}

std::optional<uint64_t> Cluster::Key(const route::RequestView& request) const {
  return route::ExtractKey(hash_keys_, request);
}

std::optional<size_t> Cluster::PickPlace(std::optional<uint64_t> key, std::atomic<uint64_t>& turn,
                                         base::Random& random,
                                         std::span<const endpoint::Endpoint* const> exclude) const {
  const auto pick = [&](bool whatever_its_condition) {
    return balancer_->Pick({
        .key = key,
        .turn = turn,
        .random = random,
        .eligible =
            [&](size_t i) {
              const endpoint::Condition condition = endpoints_[i]->condition();
              return (whatever_its_condition || (!condition.unhealthy && !condition.ejected)) &&
                     !endpoints_[i]->full() &&
                     std::find(exclude.begin(), exclude.end(), endpoints_[i].get()) == exclude.end();
            },
        .load = [&](size_t i) { return endpoints_[i]->active(); },
    });
  };
  const std::optional<size_t> picked = pick(false);
  return picked ? picked : pick(true);
}

std::optional<endpoint::Lease> Cluster::Pick(std::optional<uint64_t> key, base::Random& random,
                                             std::span<const endpoint::Endpoint* const> exclude) const {
  while (!state_->full()) {
    const std::optional<size_t> picked = PickPlace(key, state_->turn, random, exclude);
    if (!picked) return std::nullopt;
    // Nothing where another thread has taken the last place: now it is full, and passed over.
    if (auto lease = endpoint::Lease::Take(endpoints_[*picked])) return lease;
  }
  return std::nullopt;
}

std::optional<endpoint::Lease> Cluster::Take(std::string_view label) const {
  const auto found = returnable_.find(label);
  if (found == returnable_.end()) return std::nullopt;
  const endpoint::Condition condition = endpoints_[found->second]->condition();
  if (condition.unhealthy || condition.ejected) return std::nullopt;
  return endpoint::Lease::Take(endpoints_[found->second]);
}

void Cluster::Enforce() const {
  const config::ClusterLimits& limits = resilience_.limits;
  state_->max_active = limits.max_connections == 0 ? UINT64_MAX : limits.max_connections;
  for (const auto& endpoint : endpoints_) {
    endpoint->SetMaxActive(limits.max_connections_per_endpoint);
    endpoint->SetMaxConnecting(limits.max_pending_connects_per_endpoint);
  }
}

const endpoint::Endpoint* Cluster::Preview(std::optional<uint64_t> key, base::Random& random) const {
  std::atomic<uint64_t> turn = state_->turn.load(std::memory_order_relaxed);
  const std::optional<size_t> picked = PickPlace(key, turn, random, {});
  return picked ? endpoints_[*picked].get() : nullptr;
}

}  // namespace fairlead::snapshot
