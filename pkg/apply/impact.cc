#include "pkg/apply/impact.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "pkg/apply/placement.h"

namespace fairlead::apply {
namespace {

using ClusterPtr = std::shared_ptr<const snapshot::Cluster>;

template <typename Item>
void AddTo(std::vector<Item>& list, uint64_t& total, Item item) {
  ++total;
  if (list.size() < Impact::kMaxChanged) list.push_back(std::move(item));
}

// What changes, one path after the other.
class Paths {
 public:
  explicit Paths(Impact& impact) : impact_(impact) {}

  void Add(std::string path) { AddTo(impact_.changed, impact_.changed_total, std::move(path)); }
  // As many as that, without their names: the list has been full before them.
  void Count(uint64_t unnamed) { impact_.changed_total += unnamed; }
  uint64_t total() const { return impact_.changed_total; }

 private:
  Impact& impact_;
};

template <typename Named>
std::unordered_map<std::string_view, const Named*> ByName(const std::vector<Named>& all) {
  std::unordered_map<std::string_view, const Named*> by_name;
  for (const Named& one : all) by_name.emplace(one.name, &one);
  return by_name;
}

// Calls `changed(name, before, after)` for each that differs, with nullptr where there is none: first those
// that went, then the others in their order.
template <typename Named, typename Changed>
void ForEachChanged(const std::vector<Named>& before, const std::vector<Named>& after, Changed changed) {
  const auto known = ByName(before), wanted = ByName(after);
  for (const Named& one : before) {
    if (!wanted.contains(one.name)) changed(one.name, &one, static_cast<const Named*>(nullptr));
  }
  for (const Named& one : after) {
    const auto found = known.find(one.name);
    const Named* old = found == known.end() ? nullptr : found->second;
    if (old == nullptr || !(*old == one)) changed(one.name, old, &one);
  }
}

void CompareListeners(const config::Config& before, const config::Config& after, Paths& paths,
                      Impact* impact) {
  ForEachChanged(before.listeners, after.listeners, [&](const std::string& name, const auto*, const auto*) {
    paths.Add(fmt::format("listeners[{}]", name));
  });
  for (const config::Listener& listener : before.listeners) {
    const bool kept =
        std::any_of(after.listeners.begin(), after.listeners.end(),
                    [&](const config::Listener& other) { return other.address == listener.address; });
    if (!kept) AddTo(impact->listeners_removed, impact->listeners_removed_total, listener.name);
  }
}

void CompareHosts(const config::Config& before, const config::Config& after, Paths& paths, Impact* impact) {
  const std::vector<config::Route> none;
  std::vector<const config::Route*> gone;
  std::unordered_set<std::string> come;  // a route may have moved to another host
  ForEachChanged(before.virtual_hosts, after.virtual_hosts,
                 [&](const std::string& host, const auto* old, const auto* wanted) {
                   bool routes_differ = false;
                   ForEachChanged(old ? old->routes : none, wanted ? wanted->routes : none,
                                  [&](const std::string& route, const auto* then, const auto* now) {
                                    routes_differ = true;
                                    paths.Add(fmt::format("virtual_hosts[{}].routes[{}]", host, route));
                                    if (!now) gone.push_back(then);
                                    if (!then) come.insert(route);
                                  });
                   const bool whole = !old || !wanted || !routes_differ || old->domains != wanted->domains ||
                                      old->listeners != wanted->listeners;
                   if (whole) paths.Add(fmt::format("virtual_hosts[{}]", host));
                 });
  for (const config::Route* route : gone) {
    if (come.contains(route->name)) continue;
    AddTo(impact->routes_removed, impact->routes_removed_total, route->name);
    if (route->on_removed == config::OnRemoved::kDrain &&
        impact->routes_drained.size() < Impact::kMaxChanged) {
      impact->routes_drained.push_back(route->name);
    }
  }
}

// Two lists without what they begin and end with alike: of a few changes among tens of thousands, a few.
template <typename Item>
std::pair<std::span<const Item>, std::span<const Item>> Differing(std::span<const Item> a,
                                                                  std::span<const Item> b) {
  const auto head =
      static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  a = a.subspan(head), b = b.subspan(head);
  const auto tail =
      static_cast<size_t>(std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin());
  return {a.first(a.size() - tail), b.first(b.size() - tail)};
}

void CompareResilience(const config::Resilience& before, const config::Resilience& after,
                       const std::string& path, Paths& paths) {
  if (before.health_check != after.health_check) paths.Add(path + ".health_check");
  if (before.outlier != after.outlier) paths.Add(path + ".outlier");
  if (before.limits != after.limits) paths.Add(path + ".limits");
  if (before.retries != after.retries) paths.Add(path + ".retries");
  if (before.source_addresses != after.source_addresses) paths.Add(path + ".source_addresses");
  if (before.sticky_cookie != after.sticky_cookie) paths.Add(path + ".sticky_cookie");
  if (before.drain != after.drain) paths.Add(path + ".drain");
  if (before.misplaced != after.misplaced) paths.Add(path + ".misplaced");
  if (before.rebalance != after.rebalance) paths.Add(path + ".rebalance");
}

// The configured endpoints that stay and are not what they were.
void CompareSettings(const config::Cluster& before, const config::Cluster& after, const std::string& path,
                     Paths& paths) {
  const auto label = [](const config::Endpoint& endpoint) {
    return endpoint.id.empty() ? endpoint.address.ToString() : endpoint.id;
  };
  const auto [old, wanted] = Differing(std::span<const config::Endpoint>(before.endpoints),
                                       std::span<const config::Endpoint>(after.endpoints));
  std::unordered_map<std::string, const config::Endpoint*> known;
  for (const config::Endpoint& endpoint : old) known.emplace(label(endpoint), &endpoint);
  for (const config::Endpoint& endpoint : wanted) {
    const std::string name = label(endpoint);
    const auto found = known.find(name);
    if (found != known.end() && !(*found->second == endpoint)) {
      paths.Add(fmt::format("{}.endpoints[{}]", path, name));
    }
  }
  if (before.load_balancing != after.load_balancing) paths.Add(path + ".load_balancing");
  if (before.dns != after.dns) paths.Add(path + ".dns");
  if (before.membership != after.membership) paths.Add(path + ".membership");
  if (before.proxy_protocol != after.proxy_protocol) paths.Add(path + ".proxy_protocol");
  CompareResilience(before.resilience, after.resilience, path, paths);
}

// A cluster before and after a change, each in both of its forms; nullptr where there is none.
struct ClusterPair {
  const snapshot::Cluster* before = nullptr;
  const snapshot::Cluster* after = nullptr;
  const config::Cluster* config_before = nullptr;
  const config::Cluster* config_after = nullptr;
};

ClusterImpact CompareCluster(const std::string& name, const ClusterPair& pair, Paths& paths) {
  const std::string path = fmt::format("clusters[{}]", name);
  const uint64_t named_before = paths.total();
  ClusterImpact impact = ComparePlacement(name, pair.before, pair.after);
  impact.drains = (pair.after ? pair.after : pair.before)->resilience().drain.has_value();
  if (!pair.before || !pair.after) paths.Add(path);
  for (const auto* labels : {&impact.endpoints_removed, &impact.endpoints_added}) {
    if (!pair.before || !pair.after) continue;
    for (const std::string& label : *labels) paths.Add(fmt::format("{}.endpoints[{}]", path, label));
  }
  if (pair.before && pair.after) {
    paths.Count(impact.endpoints_removed_total - impact.endpoints_removed.size());
    paths.Count(impact.endpoints_added_total - impact.endpoints_added.size());
  }
  if (pair.config_before && pair.config_after) {
    CompareSettings(*pair.config_before, *pair.config_after, path, paths);
    // Something that has no path of its own, such as the order of its endpoints.
    if (paths.total() == named_before && !(*pair.config_before == *pair.config_after)) paths.Add(path);
  }
  return impact;
}

void CompareClusters(const snapshot::Snapshot* before, const snapshot::Snapshot& after, Paths& paths,
                     Impact* impact) {
  std::unordered_map<std::string_view, ClusterPair> old;
  if (before != nullptr) {
    for (size_t i = 0; i < before->clusters().size(); ++i) {
      const auto& cluster = before->clusters()[i];
      old[cluster->name()] = {.before = cluster.get(), .config_before = &before->config().clusters[i]};
    }
  }
  for (size_t i = 0; i < after.clusters().size(); ++i) {
    const ClusterPtr& cluster = after.clusters()[i];
    const auto found = old.find(cluster->name());
    ClusterPair pair = found == old.end() ? ClusterPair{} : found->second;
    if (found != old.end()) old.erase(found);
    if (pair.before == cluster.get()) continue;  // shared: the same
    pair.after = cluster.get();
    pair.config_after = &after.config().clusters[i];
    AddTo(impact->clusters, impact->clusters_total, CompareCluster(cluster->name(), pair, paths));
  }
  if (before == nullptr) return;
  for (const ClusterPtr& cluster : before->clusters()) {
    const auto gone = old.find(cluster->name());
    if (gone == old.end()) continue;
    AddTo(impact->clusters, impact->clusters_total, CompareCluster(cluster->name(), gone->second, paths));
  }
}

size_t BytesOf(const std::vector<std::string>& texts) {
  size_t bytes = texts.size() * sizeof(std::string);
  for (const std::string& text : texts) bytes += text.size();
  return bytes;
}

}  // namespace

size_t BytesOf(const Impact& impact) {
  size_t bytes = sizeof(Impact) + BytesOf(impact.changed) + BytesOf(impact.listeners_removed) +
                 BytesOf(impact.routes_removed) + BytesOf(impact.routes_drained);
  for (const ClusterImpact& cluster : impact.clusters) {
    bytes += sizeof(ClusterImpact) + cluster.cluster.size() + BytesOf(cluster.endpoints_added) +
             BytesOf(cluster.endpoints_removed);
    for (const EndpointShare& share : cluster.shares) bytes += sizeof(EndpointShare) + share.endpoint.size();
  }
  return bytes;
}

Impact CompareSnapshots(const snapshot::Snapshot* before, const snapshot::Snapshot& after) {
  const config::Config nothing;
  const config::Config& old = before == nullptr ? nothing : before->config();
  Impact impact;
  Paths paths(impact);
  if (before == nullptr || old.drain != after.drain()) paths.Add("drain");
  CompareListeners(old, after.config(), paths, &impact);
  CompareHosts(old, after.config(), paths, &impact);
  CompareClusters(before, after, paths, &impact);
  return impact;
}

}  // namespace fairlead::apply
