#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pkg/balancer/balancer.h"
#include "pkg/base/address.h"
#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/endpoint/lease.h"
#include "pkg/endpoint/registry.h"
#include "pkg/route/request_view.h"

namespace fairlead::snapshot {

// A cluster ready to be picked from: its endpoints and the table of its policy. Immutable but for the counts
// that live in its endpoints and its ClusterState, and shared by the snapshots over which it did not change.
// Any thread.
class Cluster {
 public:
  // `resolved` are the addresses behind the name of a cluster that has its endpoints from DNS.
  Cluster(const config::Cluster& cluster, std::vector<base::IpAddress> resolved,
          endpoint::Registry& registry);

  const std::string& name() const { return name_; }
  const std::vector<base::IpAddress>& resolved() const { return resolved_; }
  // In the configuration's order, those that take no new tunnels included.
  const std::vector<std::shared_ptr<endpoint::Endpoint>>& endpoints() const { return endpoints_; }

  const config::Resilience& resilience() const { return resilience_; }
  // What its endpoints share.
  const std::shared_ptr<endpoint::ClusterState>& state() const { return state_; }
  // This is what runs now: its limits are in force from now on.
  void Enforce() const;

  // What the cluster's hash keys make of a request.
  std::optional<uint64_t> Key(const route::RequestView& request) const;

  // Whether the policy places by key: the same key on the same endpoint.
  bool places_by_key() const { return places_by_key_; }

  // Takes a place on the endpoint that the policy names, passing over those in `exclude` (where a connect has
  // just failed), those that drain and those of weight 0. Nothing when none is left. The lease refers to
  // neither this nor a snapshot.
  std::optional<endpoint::Lease> Pick(std::optional<uint64_t> key, base::Random& random,
                                      std::span<const endpoint::Endpoint* const> exclude = {}) const;
  // Takes a place on the endpoint of that label, for a client that comes back to it: one that drains will do,
  // one of weight 0, one that is unhealthy, ejected or full will not.
  std::optional<endpoint::Lease> Take(std::string_view label) const;
  // Whom Pick would take now; takes no place and nobody's turn. nullptr when none is left; lives as long as
  // this.
  const endpoint::Endpoint* Preview(std::optional<uint64_t> key, base::Random& random) const;

 private:
  std::optional<size_t> PickPlace(std::optional<uint64_t> key, std::atomic<uint64_t>& turn,
                                  base::Random& random,
                                  std::span<const endpoint::Endpoint* const> exclude) const;

  std::string name_;
  std::vector<base::IpAddress> resolved_;
  std::vector<config::HashKey> hash_keys_;
  config::Resilience resilience_;
  std::vector<std::shared_ptr<endpoint::Endpoint>> endpoints_;
  std::unordered_map<std::string_view, size_t> returnable_;  // by label
  std::shared_ptr<endpoint::ClusterState> state_;
  std::unique_ptr<const balancer::Balancer> balancer_;
  bool places_by_key_;
};

}  // namespace fairlead::snapshot
