#include "pkg/snapshot/snapshot.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace fairlead::snapshot {
namespace {

// Each address once and in an order of its own: servers deal theirs in another order every time, and none of
// that is a change.
std::vector<base::IpAddress> Canonical(std::vector<base::IpAddress> addresses) {
  std::sort(addresses.begin(), addresses.end(),
            [](const base::IpAddress& a, const base::IpAddress& b) { return a.bytes() < b.bytes(); });
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

std::vector<base::IpAddress> ResolvedFor(const config::Cluster& cluster, const ResolvedNames& resolved) {
  const auto found = resolved.find(cluster.name);
  if (!cluster.dns || found == resolved.end()) return {};
  return Canonical(found->second);
}

// The context at that place, where there are any.
template <typename Context>
std::shared_ptr<const Context> At(const std::vector<std::shared_ptr<const Context>>& contexts, size_t i) {
  return i < contexts.size() ? contexts[i] : nullptr;
}

std::vector<std::shared_ptr<const Cluster>> CompileClusters(const config::Config& config,
                                                            const ResolvedNames& resolved,
                                                            const Snapshot* previous,
                                                            endpoint::Registry& registry,
                                                            const TlsContexts& tls) {
  std::unordered_map<std::string_view, size_t> places_before;
  if (previous != nullptr) {
    for (const auto& cluster : previous->clusters()) {
      places_before.try_emplace(cluster->name(), places_before.size());
    }
  }
  std::vector<std::shared_ptr<const Cluster>> clusters;
  for (size_t i = 0; i < config.clusters.size(); ++i) {
    const config::Cluster& cluster = config.clusters[i];
    std::vector<base::IpAddress> addresses = ResolvedFor(cluster, resolved);
    std::shared_ptr<const tls::ClientContext> context = At(tls.clusters, i);
    const auto before = places_before.find(cluster.name);
    if (previous != nullptr && before != places_before.end() &&
        previous->config().clusters[before->second] == cluster &&
        previous->clusters()[before->second]->resolved() == addresses &&
        previous->clusters()[before->second]->tls() == context) {
      clusters.push_back(previous->clusters()[before->second]);
    } else {
      const Cluster* old =
          before != places_before.end() ? previous->clusters()[before->second].get() : nullptr;
      clusters.push_back(
          std::make_shared<const Cluster>(cluster, std::move(addresses), registry, old, std::move(context)));
    }
  }
  return clusters;
}

// Whether the route tables of one serve the other: the same virtual hosts on the same listeners, and every
// cluster that they know by its place still there.
bool SameRouting(const config::Config& a, const config::Config& b) {
  const auto same_names = [](const auto& ours, const auto& theirs) {
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                      [](const auto& one, const auto& other) { return one.name == other.name; });
  };
  return same_names(a.listeners, b.listeners) && same_names(a.clusters, b.clusters) &&
         a.virtual_hosts == b.virtual_hosts;
}

std::vector<Listener> CompileListeners(const config::Config& config, const Snapshot* previous,
                                       const TlsContexts& tls) {
  const bool same = previous != nullptr && SameRouting(config, previous->config());
  std::vector<std::shared_ptr<const route::RouteTable>> tables;
  if (!same) tables = route::CompileRouteTables(config);
  std::vector<Listener> listeners;
  for (size_t i = 0; i < config.listeners.size(); ++i) {
    const config::Listener& listener = config.listeners[i];
    listeners.push_back({listener.name, listener.address, listener.limits, listener.trusted_proxies,
                         listener.proxy_protocol, same ? previous->listeners()[i].routes : tables[i],
                         listener.tls.has_value(), At(tls.listeners, i)});
  }
  return listeners;
}

}  // namespace

Snapshot::Snapshot(uint64_t revision, std::shared_ptr<const config::Config> config,
                   std::vector<Listener> listeners, std::vector<std::shared_ptr<const Cluster>> clusters)
    : revision_(revision),
      config_(std::move(config)),
      listeners_(std::move(listeners)),
      clusters_(std::move(clusters)) {}

const Listener* Snapshot::FindListener(std::string_view name) const {
  const auto found = std::find_if(listeners_.begin(), listeners_.end(),
                                  [&](const Listener& listener) { return listener.name == name; });
  return found == listeners_.end() ? nullptr : &*found;
}

std::shared_ptr<const Snapshot> Compile(std::shared_ptr<const config::Config> config,
                                        const ResolvedNames& resolved, const Snapshot* previous,
                                        endpoint::Registry& registry, uint64_t revision,
                                        const TlsContexts& tls) {
  std::vector<std::shared_ptr<const Cluster>> clusters =
      CompileClusters(*config, resolved, previous, registry, tls);
  std::vector<Listener> listeners = CompileListeners(*config, previous, tls);
  registry.Prune();
  return std::make_shared<const Snapshot>(revision, std::move(config), std::move(listeners),
                                          std::move(clusters));
}

}  // namespace fairlead::snapshot
