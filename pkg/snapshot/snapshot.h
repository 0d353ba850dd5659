#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/address.h"
#include "pkg/config/config.h"
#include "pkg/endpoint/registry.h"
#include "pkg/route/route_table.h"
#include "pkg/snapshot/cluster.h"
#include "pkg/snapshot/tls_contexts.h"

namespace fairlead::snapshot {

struct Listener {
  std::string name;
  base::SocketAddress address;
  config::ListenerLimits limits;
  std::vector<base::Cidr> trusted_proxies;
  config::ProxyProtocol proxy_protocol;
  std::shared_ptr<const route::RouteTable> routes;
  bool wants_tls = false;
  std::shared_ptr<const tls::ServerContext> tls = nullptr;  // null also where its key has yet to be brought
};

// The whole configuration, compiled for the data plane: what the apply thread publishes and every worker
// reads. An immutable value; routes and targets point into it, so who uses one holds the snapshot for as
// long.
class Snapshot {
 public:
  Snapshot(uint64_t revision, std::shared_ptr<const config::Config> config, std::vector<Listener> listeners,
           std::vector<std::shared_ptr<const Cluster>> clusters);

  uint64_t revision() const { return revision_; }
  // What it was compiled from.
  const config::Config& config() const { return *config_; }
  const config::Drain& drain() const { return config_->drain; }
  // Both in the configuration's order.
  const std::vector<Listener>& listeners() const { return listeners_; }
  const std::vector<std::shared_ptr<const Cluster>>& clusters() const { return clusters_; }

  // nullptr when there is none of that name.
  const Listener* FindListener(std::string_view name) const;
  // The cluster of one of this snapshot's routes.
  const Cluster& ClusterOf(const route::Target& target) const { return *clusters_[target.cluster_index]; }

 private:
  uint64_t revision_;
  std::shared_ptr<const config::Config> config_;
  std::vector<Listener> listeners_;
  std::vector<std::shared_ptr<const Cluster>> clusters_;
};

// The addresses that DNS gave for the clusters that ask it, by cluster name. One that is missing has no
// endpoints yet.
using ResolvedNames = std::map<std::string, std::vector<base::IpAddress>, std::less<>>;

// Compiles a validated configuration; cannot fail. `tls`: empty where nothing asks for it. What did not
// change since `previous` (nullptr = none) is shared with it: clusters whose configuration and addresses are
// the same, and the route tables while listeners, virtual hosts and the list of clusters are. Apply thread.
std::shared_ptr<const Snapshot> Compile(std::shared_ptr<const config::Config> config,
                                        const ResolvedNames& resolved, const Snapshot* previous,
                                        endpoint::Registry& registry, uint64_t revision,
                                        const TlsContexts& tls = {});

}  // namespace fairlead::snapshot
