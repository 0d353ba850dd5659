#include "pkg/snapshot/cluster.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "pkg/route/hash_key.h"

namespace fairlead::snapshot {
namespace {

// What is written into conditions is what the balancer reads.
static_assert(balancer::kWholeShare == endpoint::kWholeShare);

balancer::Policy PolicyOf(config::Policy policy) {
  switch (policy) {
    case config::Policy::kRoundRobin:
      return balancer::Policy::kRoundRobin;
    case config::Policy::kLeastConnections:
      return balancer::Policy::kLeastConnections;
    case config::Policy::kMaglev:
      return balancer::Policy::kMaglev;
    case config::Policy::kRandomTwoChoices:
      return balancer::Policy::kRandomTwoChoices;
    case config::Policy::kRingHash:
      return balancer::Policy::kRingHash;
    case config::Policy::kRendezvous:
      return balancer::Policy::kRendezvous;
  }
  return balancer::Policy::kRoundRobin;
}

balancer::Settings SettingsOf(const config::LoadBalancing& config, const std::string& zone) {
  return {.policy = PolicyOf(config.policy),
          .maglev_table_size = config.maglev_table_size,
          .bounded_load_permille = config.bounded_load_permille,
          .prefer_same_zone = config.prefer_same_zone && !zone.empty(),
          .failover_percent = config.failover_threshold_percent,
          .panic_percent = config.panic_threshold_percent};
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

using EndpointPtr = std::shared_ptr<endpoint::Endpoint>;

// Which of the endpoints are newcomers still. Those that `previous` does not have enter slow start: until
// somebody tells how much of their share they have grown into, they have none of it. Where nothing was before
// there is nobody to spare them. One that was there and is in slow start since it recovered is none: its keys
// stay where they went when it was passed over.
std::vector<bool> FindNewcomers(const std::vector<EndpointPtr>& endpoints, const Cluster* previous) {
  std::vector<bool> newcomers;
  newcomers.reserve(endpoints.size());
  std::unordered_map<const endpoint::Endpoint*, size_t> known;
  for (size_t i = 0; previous != nullptr && i < previous->endpoints().size(); ++i) {
    known.emplace(previous->endpoints()[i].get(), i);
  }
  for (const EndpointPtr& endpoint : endpoints) {
    const auto before = known.find(endpoint.get());
    if (!known.empty() && before == known.end()) endpoint->SetShare(1);
    const bool came = before == known.end() || previous->IsNewcomer(before->second);
    newcomers.push_back(came && endpoint->condition().share < endpoint::kWholeShare);
  }
  return newcomers;
}

// `drains`: those that drain are left out, whose tunnels are told to go: they would come back and be told
// again.
std::vector<uint32_t> SortReturnable(const std::vector<EndpointPtr>& endpoints,
                                     const std::vector<balancer::Member>& members, bool drains) {
  std::vector<uint32_t> places;
  for (uint32_t i = 0; i < endpoints.size(); ++i) {
    if (members[i].weight > 0 && !(drains && members[i].draining)) places.push_back(i);
  }
  std::sort(places.begin(), places.end(),
            [&](uint32_t a, uint32_t b) { return endpoints[a]->label() < endpoints[b]->label(); });
  return places;
}

}  // namespace

Cluster::Cluster(const config::Cluster& cluster, std::vector<base::IpAddress> resolved,
                 endpoint::Registry& registry, const Cluster* previous,
                 std::shared_ptr<const tls::ClientContext> tls)
    : name_(cluster.name),
      resolved_(std::move(resolved)),
      hash_keys_(cluster.load_balancing.hash_key),
      key_definition_(route::FingerprintOf(hash_keys_)),
      resilience_(cluster.resilience),
      wants_tls_(cluster.tls.has_value()),
      tls_(std::move(tls)),
      state_(registry.GetClusterState(cluster.name)) {
  std::vector<config::Endpoint> from_dns;
  if (cluster.dns) from_dns = MembersAt(resolved_, cluster.dns->port);
  const std::vector<config::Endpoint>& configured = cluster.dns ? from_dns : cluster.endpoints;
  endpoints_.reserve(configured.size());
  for (const config::Endpoint& member : configured) {
    endpoints_.push_back(registry.GetEndpoint(name_, member.address, member.id));
  }
  if (cluster.load_balancing.slow_start.count() > 0) newcomers_ = FindNewcomers(endpoints_, previous);
  std::vector<std::string> hash_ids;
  std::vector<balancer::Member> members;
  hash_ids.reserve(configured.size());
  members.reserve(configured.size());
  for (size_t i = 0; i < configured.size(); ++i) {
    const config::Endpoint& member = configured[i];
    hash_ids.push_back(member.hash_id.empty() ? member.address.ToString() : member.hash_id);
    // To a table a draining endpoint is one that has left: what it held moves once, now, and not again when
    // it goes.
    members.push_back({.hash_id = hash_ids.back(),
                       .weight = member.weight,
                       .draining = member.state == config::EndpointState::kDraining,
                       .priority = member.priority,
                       .same_zone = member.zone == registry.zone(),
                       .newcomer = IsNewcomer(i)});
  }
  selector_ =
      std::make_unique<balancer::Selector>(SettingsOf(cluster.load_balancing, registry.zone()), members);
  standings_ = std::make_unique<Standings>(*selector_, *state_, endpoints_.size());
  standings_->Refresh([this](size_t i) { return NowOf(i, {}); });
  calm_ = selector_->Assess([](size_t) { return balancer::Now{}; });
  if (resilience_.sticky_cookie) {
    returnable_ = SortReturnable(endpoints_, members, resilience_.drain.has_value());
  }
}

std::optional<uint64_t> Cluster::Key(const route::RequestView& request) const {
  return route::ExtractKey(hash_keys_, request);
}

balancer::Now Cluster::NowOf(size_t place, std::span<const endpoint::Endpoint* const> exclude) const {
  const endpoint::Endpoint& endpoint = *endpoints_[place];
  const endpoint::Condition condition = endpoint.condition();
  return {.unhealthy = condition.unhealthy,
          .ejected = condition.ejected,
          .full = endpoint.full(),
          .tried = std::find(exclude.begin(), exclude.end(), &endpoint) != exclude.end(),
          .share = condition.share,
          .load = endpoint.active()};
}

std::optional<size_t> Cluster::PickPlace(std::optional<uint64_t> key, std::atomic<uint64_t>& turn,
                                         base::Random& random,
                                         std::span<const endpoint::Endpoint* const> exclude,
                                         balancer::Trace* trace, bool* full) const {
  standings_->Refresh([this](size_t i) { return NowOf(i, {}); });
  return selector_->Pick({.key = key,
                          .turn = turn,
                          .random = random,
                          .now = [&](size_t i) { return NowOf(i, exclude); },
                          .standing = [&](size_t level) { return standings_->Get(level); },
                          .trace = trace,
                          .full = full});
}

std::optional<endpoint::Lease> Cluster::Pick(std::optional<uint64_t> key, base::Random& random,
                                             std::span<const endpoint::Endpoint* const> exclude,
                                             bool* full) const {
  while (!state_->full()) {
    const std::optional<size_t> picked = PickPlace(key, state_->turn, random, exclude, nullptr, full);
    if (!picked) return std::nullopt;
    // Nothing where another thread has taken the last place: now it is full, and passed over.
    if (auto lease = endpoint::Lease::Take(endpoints_[*picked])) return lease;
  }
  if (full != nullptr) *full = true;
  return std::nullopt;
}

endpoint::Census Cluster::Count() const {
  endpoint::Census census;
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    if (!selector_->IsTaking(i)) continue;
    ++census.members;
    if (endpoints_[i]->condition().ejected) ++census.ejected;
  }
  return census;
}

void Cluster::Enforce() const {
  const config::ClusterLimits& limits = resilience_.limits;
  state_->max_active = limits.max_connections == 0 ? UINT64_MAX : limits.max_connections;
  for (const auto& endpoint : endpoints_) {
    endpoint->SetMaxActive(limits.max_connections_per_endpoint);
    endpoint->SetMaxConnecting(limits.max_pending_connects_per_endpoint);
  }
}

std::optional<size_t> Cluster::FindReturnable(std::string_view label) const {
  const auto found = std::lower_bound(
      returnable_.begin(), returnable_.end(), label,
      [&](uint32_t place, std::string_view wanted) { return endpoints_[place]->label() < wanted; });
  if (found == returnable_.end() || endpoints_[*found]->label() != label) return std::nullopt;
  const endpoint::Condition condition = endpoints_[*found]->condition();
  if (condition.unhealthy || condition.ejected) return std::nullopt;
  return *found;
}

std::optional<endpoint::Lease> Cluster::Take(std::string_view label) const {
  const std::optional<size_t> place = FindReturnable(label);
  return place ? endpoint::Lease::Take(endpoints_[*place]) : std::nullopt;
}

const endpoint::Endpoint* Cluster::PreviewTake(std::string_view label) const {
  const std::optional<size_t> place = FindReturnable(label);
  if (!place || state_->full() || endpoints_[*place]->full()) return nullptr;
  return endpoints_[*place].get();
}

const endpoint::Endpoint* Cluster::Preview(std::optional<uint64_t> key, base::Random& random,
                                           balancer::Trace* trace) const {
  if (state_->full()) return nullptr;
  std::atomic<uint64_t> turn = state_->turn.load(std::memory_order_relaxed);
  const std::optional<size_t> picked = PickPlace(key, turn, random, {}, trace, nullptr);
  return picked ? endpoints_[*picked].get() : nullptr;
}

endpoint::PlacedKey Cluster::Placed(uint64_t key, const endpoint::Endpoint& at, base::Random& random) const {
  return {.key = key, .definition = key_definition_, .at_home = places_by_key() && Home(key, random) == &at};
}

endpoint::Placement Cluster::PlacementOf(const std::optional<endpoint::PlacedKey>& key,
                                         const endpoint::Endpoint* at, base::Random& random) const {
  using endpoint::Placement;
  if (!key || !places_by_key() || key->definition != key_definition_) return Placement::kUnknown;
  if (Home(key->key, random) == at) return Placement::kHome;
  return key->at_home ? Placement::kMisplaced : Placement::kAway;
}

const endpoint::Endpoint* Cluster::Home(uint64_t key, base::Random& random) const {
  std::atomic<uint64_t> turn = 0;
  // Without loads there is no bound to be over.
  const std::optional<size_t> home =
      selector_->Pick({.key = key,
                       .turn = turn,
                       .random = random,
                       .now = [](size_t) { return balancer::Now{}; },
                       .standing = [&](size_t level) { return calm_[level]; }});
  return home ? endpoints_[*home].get() : nullptr;
}

}  // namespace fairlead::snapshot
