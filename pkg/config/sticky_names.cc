#include "pkg/config/sticky_names.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <variant>
#include <vector>

#include "pkg/config/path.h"

namespace fairlead::config {
namespace {

// RFC 6265 §5.1.4.
bool IsIn(std::string_view path, std::string_view other) {
  if (!path.starts_with(other)) return false;
  return path.size() == other.size() || other.ends_with('/') || path[other.size()] == '/';
}

bool Collide(const StickyCookie& a, const StickyCookie& b) {
  return a.name == b.name && (IsIn(a.path, b.path) || IsIn(b.path, a.path));
}

// The clusters with sticky cookies that it sends to, in the order of the configuration.
std::set<size_t> StickyClustersOf(const VirtualHost& host, const Config& config) {
  std::set<std::string_view> names;
  for (const Route& route : host.routes) {
    const auto* const targets = std::get_if<std::vector<WeightedCluster>>(&route.action);
    if (targets == nullptr) continue;
    for (const WeightedCluster& target : *targets) names.insert(target.name);
  }
  std::set<size_t> sticky;
  for (size_t i = 0; i < config.clusters.size(); ++i) {
    const Cluster& cluster = config.clusters[i];
    if (cluster.resilience.sticky_cookie && names.contains(cluster.name)) sticky.insert(i);
  }
  return sticky;
}

}  // namespace

void CheckStickyNames(const Config& config, Report& report) {
  const Path root, clusters = root.Field("clusters");
  std::set<size_t> reported;
  for (const VirtualHost& host : config.virtual_hosts) {
    const std::set<size_t> sticky = StickyClustersOf(host, config);
    for (const size_t one : sticky) {
      for (const size_t before : sticky) {
        if (before >= one || reported.contains(one)) continue;
        const Cluster& cluster = config.clusters[one];
        const Cluster& other = config.clusters[before];
        if (!Collide(*cluster.resilience.sticky_cookie, *other.resilience.sticky_cookie)) continue;
        reported.insert(one);
        const Path item = clusters.Index(one), cookie = item.Field("sticky_cookie");
        report.Add(cookie.Field("name"),
                   fmt::format("is that of cluster {} as well, and virtual host {} sends to both", other.name,
                               host.name),
                   "give each cluster's cookie a name of its own");
      }
    }
  }
}

}  // namespace fairlead::config
