#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/balancer/selector.h"
#include "pkg/base/address.h"
#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/endpoint/lease.h"
#include "pkg/endpoint/placed_key.h"
#include "pkg/endpoint/registry.h"
#include "pkg/route/request_view.h"
#include "pkg/snapshot/standings.h"
#include "pkg/tls/client_context.h"

namespace fairlead::snapshot {

// A cluster ready to be picked from: its endpoints and the table of its policy. Immutable but for the counts
// that live in its endpoints and its ClusterState, and shared by the snapshots over which it did not change.
// Any thread.
class Cluster {
 public:
  // `resolved` are the addresses behind the name of a cluster that has its endpoints from DNS. `previous` is
  // what this takes the place of, nullptr = nothing: endpoints that are not in it are newcomers, and begin
  // slow start with the least share. `tls`: null where it is not asked for, or a key has yet to be brought.
  Cluster(const config::Cluster& cluster, std::vector<base::IpAddress> resolved, endpoint::Registry& registry,
          const Cluster* previous = nullptr, std::shared_ptr<const tls::ClientContext> tls = nullptr);

  const std::string& name() const { return name_; }
  const std::vector<base::IpAddress>& resolved() const { return resolved_; }
  // In the configuration's order, those that take no new tunnels included.
  const std::vector<std::shared_ptr<endpoint::Endpoint>>& endpoints() const { return endpoints_; }

  // Whether backends are spoken to over TLS, and how. Where there is no context they cannot be spoken to.
  bool wants_tls() const { return wants_tls_; }
  const std::shared_ptr<const tls::ClientContext>& tls() const { return tls_; }

  const config::Resilience& resilience() const { return resilience_; }
  // What its endpoints share.
  const std::shared_ptr<endpoint::ClusterState>& state() const { return state_; }
  // This is what runs now: its limits are in force from now on.
  void Enforce() const;

  // What the cluster's hash keys make of a request.
  std::optional<uint64_t> Key(const route::RequestView& request) const;

  // Whether the policy places by key: the same key on the same endpoint.
  bool places_by_key() const { return balancer::Hashes(selector_->settings().policy); }

  // The keys that a request is placed by.
  const std::vector<config::HashKey>& hash_keys() const { return hash_keys_; }

  // Takes a place on the endpoint that the policy names, passing over those in `exclude` (where a connect has
  // just failed), those that drain, are sick or full, and those of weight 0. Nothing when none is left. The
  // lease refers to neither this nor a snapshot. `full`, where given, is set where none is left because the
  // cluster, or one that would have done, holds all that it may; else it is left alone.
  std::optional<endpoint::Lease> Pick(std::optional<uint64_t> key, base::Random& random,
                                      std::span<const endpoint::Endpoint* const> exclude = {},
                                      bool* full = nullptr) const;
  // Takes a place on the endpoint of that label, for a client that comes back to it: one that drains will do
  // unless the cluster has `drain`; one of weight 0, unhealthy, ejected or full will not. Nobody comes back
  // without sticky_cookie.
  std::optional<endpoint::Lease> Take(std::string_view label) const;
  // Whom Take would give a place on now; nullptr = nobody.
  const endpoint::Endpoint* PreviewTake(std::string_view label) const;
  // Whom Pick would take now; takes no place and nobody's turn. nullptr when none is left; lives as long as
  // this. With `trace`, why the others were passed over.
  const endpoint::Endpoint* Preview(std::optional<uint64_t> key, base::Random& random,
                                    balancer::Trace* trace = nullptr) const;
  // That key as a tunnel keeps it that is opened on this endpoint.
  endpoint::PlacedKey Placed(uint64_t key, const endpoint::Endpoint& at, base::Random& random) const;
  // Whether a tunnel is where its key belongs now.
  endpoint::Placement PlacementOf(const std::optional<endpoint::PlacedKey>& key, const endpoint::Endpoint* at,
                                  base::Random& random) const;
  // Where a key belongs while all are well, nobody is full and nobody ramps; nullptr = nowhere.
  const endpoint::Endpoint* Home(uint64_t key, base::Random& random) const;
  // How many endpoints it has for new requests, and how many of them are ejected now.
  endpoint::Census Count() const;
  // Whether the endpoint of this place came when others were there already, and is in slow start since.
  bool IsNewcomer(size_t place) const { return !newcomers_.empty() && newcomers_[place]; }
  // The share of new tunnels that an endpoint has by its weight while all are well, 0 to 1.
  double FairShare(size_t place) const { return selector_->FairShare(place); }

 private:
  balancer::Now NowOf(size_t place, std::span<const endpoint::Endpoint* const> exclude) const;
  // The place of the endpoint of that label that Take may give, full or not.
  std::optional<size_t> FindReturnable(std::string_view label) const;
  std::optional<size_t> PickPlace(std::optional<uint64_t> key, std::atomic<uint64_t>& turn,
                                  base::Random& random, std::span<const endpoint::Endpoint* const> exclude,
                                  balancer::Trace* trace, bool* full) const;

  std::string name_;
  std::vector<base::IpAddress> resolved_;
  std::vector<config::HashKey> hash_keys_;
  uint32_t key_definition_;
  config::Resilience resilience_;
  bool wants_tls_;
  std::shared_ptr<const tls::ClientContext> tls_;
  std::vector<std::shared_ptr<endpoint::Endpoint>> endpoints_;
  std::shared_ptr<endpoint::ClusterState> state_;
  std::unique_ptr<const balancer::Selector> selector_;
  std::unique_ptr<const Standings> standings_;
  std::vector<balancer::Standing> calm_;  // while all are well
  std::vector<bool> newcomers_;           // as the tables have it; empty = none
  std::vector<uint32_t> returnable_;      // places of those whom Take may give, in the order of the labels
};

}  // namespace fairlead::snapshot
