#include "pkg/endpoint/registry.h"

#include <functional>
#include <map>
#include <utility>

namespace fairlead::endpoint {

size_t Registry::IdentityHash::operator()(const Identity& identity) const {
  const base::IpPort* ip = identity.address.ip_port();
  const std::string_view place = ip != nullptr ? ip->ip.bytes() : identity.address.unix_path()->path;
  const std::hash<std::string_view> hash;
  return (hash(place) * 31 + (ip != nullptr ? ip->port : 0)) * 31 + hash(identity.id);
}

std::shared_ptr<Endpoint> Registry::GetEndpoint(std::string_view cluster, const base::SocketAddress& address,
                                                std::string_view id) {
  const std::lock_guard lock(mutex_);
  Cluster& siblings = clusters_[std::string(cluster)];
  std::weak_ptr<Endpoint>& known = siblings.endpoints[Identity{address, std::string(id)}];
  std::shared_ptr<Endpoint> endpoint = known.lock();
  if (endpoint == nullptr) {
    endpoint = std::make_shared<Endpoint>(std::string(cluster), address, std::string(id), StateOf(siblings));
    known = endpoint;
  }
  return endpoint;
}

std::shared_ptr<ClusterState> Registry::GetClusterState(std::string_view cluster) {
  const std::lock_guard lock(mutex_);
  return StateOf(clusters_[std::string(cluster)]);
}

std::shared_ptr<ClusterState> Registry::StateOf(Cluster& cluster) {
  std::shared_ptr<ClusterState> state = cluster.state.lock();
  if (state == nullptr) {
    state = std::make_shared<ClusterState>(random_());
    cluster.state = state;
  }
  return state;
}

void Registry::Prune() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, cluster] : clusters_) {
    std::erase_if(cluster.endpoints, [](const auto& entry) { return entry.second.expired(); });
  }
  std::erase_if(clusters_, [](const auto& entry) {
    return entry.second.endpoints.empty() && entry.second.state.expired();
  });
}

std::vector<Sample> Registry::Samples() const {
  std::vector<std::shared_ptr<const Endpoint>> live;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, cluster] : clusters_) {
      for (const auto& [identity, known] : cluster.endpoints) {
        if (std::shared_ptr<const Endpoint> endpoint = known.lock()) live.push_back(std::move(endpoint));
      }
    }
  }
  std::map<std::pair<std::string_view, std::string_view>, Sample> by_label;
  for (const auto& endpoint : live) {
    Sample& sample = by_label[{endpoint->cluster(), endpoint->label()}];
    sample.open_tunnels += endpoint->open_tunnels();
    sample.connect_failures += endpoint->connect_failures();
    sample.ejections += endpoint->ejections();
    const Condition condition = endpoint->condition();
    sample.healthy = sample.healthy && !condition.unhealthy && !condition.ejected;
  }
  std::vector<Sample> samples;
  samples.reserve(by_label.size());
  for (auto& [label, sample] : by_label) {
    sample.cluster = label.first;
    sample.endpoint = label.second;
    samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace fairlead::endpoint
