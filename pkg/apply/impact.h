#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/snapshot/snapshot.h"

namespace fairlead::apply {

// The share of new tunnels that the weights give an endpoint while all are well, 0 to 1.
struct EndpointShare {
  std::string endpoint;  // its label
  double before = 0;
  double after = 0;
  uint64_t open_tunnels = 0;  // now

  bool operator==(const EndpointShare&) const = default;
};

// What a change does, or would do, to one cluster.
struct ClusterImpact {
  std::string cluster;
  // By label, at most Impact::kMaxChanged of each. Open tunnels stay on those removed until they end, unless
  // the cluster drains.
  std::vector<std::string> endpoints_added;
  uint64_t endpoints_added_total = 0;
  std::vector<std::string> endpoints_removed;
  uint64_t endpoints_removed_total = 0;
  // The share of all keys, 0 to 1, that would be placed on another endpoint; 1 where requests are hashed by
  // something else. Nothing where the policy places by no key, before or after.
  std::optional<double> keys_moved;
  uint64_t tunnels_on_removed = 0;  // open now
  bool drains = false;              // has `drain`, or had it when it went: they are told to go
  // Open now, on endpoints where they would no longer be placed: with a hashed policy an estimate, as many of
  // each endpoint's as of the keys that it would lose; else those on endpoints that go or would drain.
  uint64_t tunnels_misplaced = 0;
  // Endpoints whose share of new tunnels changes, by label, at most Impact::kMaxChanged of them.
  std::vector<EndpointShare> shares;
  uint64_t shares_total = 0;

  bool operator==(const ClusterImpact&) const = default;
};

// What a change does, or would do, to what is running. Of long lists only the beginning is there, with a
// total.
struct Impact {
  static constexpr size_t kMaxChanged = 1000;

  // Paths that differ, by name: "listeners[web]", "virtual_hosts[chat].routes[ws]",
  // "clusters[chat].endpoints[pod-1]". At most kMaxChanged of them.
  std::vector<std::string> changed;
  uint64_t changed_total = 0;
  // Those whose address would no longer be listened on; at most kMaxChanged, like the rest.
  std::vector<std::string> listeners_removed;
  uint64_t listeners_removed_total = 0;
  std::vector<std::string> routes_removed;  // that no host has any more
  uint64_t routes_removed_total = 0;
  std::vector<std::string> routes_drained;  // those of them whose tunnels are told to go
  std::vector<ClusterImpact> clusters;      // those that change, come or go
  uint64_t clusters_total = 0;

  bool operator==(const Impact&) const = default;
};

// The difference between two compiled configurations. Clusters that the two share cost nothing; of the others
// those with a hashed policy are compared by kSampledKeys keys. `before` is null where nothing runs yet.
// Apply thread, or any that holds both.
Impact CompareSnapshots(const snapshot::Snapshot* before, const snapshot::Snapshot& after);

inline constexpr uint64_t kSampledKeys = 4096;

// What it takes in memory, roughly.
size_t BytesOf(const Impact& impact);

}  // namespace fairlead::apply
