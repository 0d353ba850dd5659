#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/base/random.h"
#include "pkg/endpoint/cluster_state.h"
#include "pkg/endpoint/endpoint.h"

namespace fairlead::endpoint {

// What a scrape reports of an endpoint.
struct Sample {
  std::string cluster;
  std::string endpoint;  // its label
  uint64_t open_tunnels = 0;
  uint64_t connect_failures = 0;
  uint64_t ejections = 0;
  bool healthy = true;  // neither unhealthy nor ejected; of several, all of them
};

// Where endpoints and cluster states are found again by who they are. It keeps none of them alive: what no
// snapshot and no tunnel holds is forgotten. Get… and Prune are the apply thread's; Samples may be called
// from any thread.
class Registry {
 public:
  // A cluster's turns start at a random place, or a fleet started at once would send its first clients to one
  // backend. `zone` is where this proxy runs; empty = not said.
  explicit Registry(uint64_t seed, std::string zone = {}) : zone_(std::move(zone)), random_(seed) {}

  const std::string& zone() const { return zone_; }

  // The same object for the same cluster, address and id, for as long as somebody holds it.
  std::shared_ptr<Endpoint> GetEndpoint(std::string_view cluster, const base::SocketAddress& address,
                                        std::string_view id);
  std::shared_ptr<ClusterState> GetClusterState(std::string_view cluster);

  // Drops the entries whose objects are gone.
  void Prune();

  // Every endpoint that somebody holds, by cluster and label. Endpoints that share a label (an id that
  // changed its address while tunnels were open) are added up.
  std::vector<Sample> Samples() const;

 private:
  struct Identity {
    base::SocketAddress address;
    std::string id;
    bool operator==(const Identity&) const = default;
  };
  struct IdentityHash {
    size_t operator()(const Identity& identity) const;
  };
  struct Cluster {
    std::weak_ptr<ClusterState> state;
    std::unordered_map<Identity, std::weak_ptr<Endpoint>, IdentityHash> endpoints;
  };

  std::shared_ptr<ClusterState> StateOf(Cluster& cluster);  // under the lock

  const std::string zone_;
  mutable std::mutex mutex_;  // a scrape against the apply thread; workers never come here
  base::Random random_;
  std::unordered_map<std::string, Cluster> clusters_;
};

}  // namespace fairlead::endpoint
