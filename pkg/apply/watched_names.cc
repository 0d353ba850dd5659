#include "pkg/apply/watched_names.h"

#include <algorithm>
#include <utility>

namespace fairlead::apply {

bool WatchedNames::Update(const config::Config& config) {
  std::vector<WatchedName> names;
  for (const config::Cluster& cluster : config.clusters) {
    if (cluster.dns) names.push_back({.cluster = cluster.name, .dns = *cluster.dns});
  }
  std::erase_if(resolved_, [&](const auto& known) {
    const auto same_cluster = [&](const WatchedName& watched) { return watched.cluster == known.first; };
    const auto before = std::find_if(names_.begin(), names_.end(), same_cluster);
    const auto after = std::find_if(names.begin(), names.end(), same_cluster);
    return before == names_.end() || after == names.end() || before->dns.name != after->dns.name;
  });
  if (names == names_) return false;
  names_ = std::move(names);
  return true;
}

bool WatchedNames::Resolved(const std::string& cluster, const std::string& name,
                            std::vector<base::IpAddress> addresses) {
  const bool watched = std::any_of(names_.begin(), names_.end(), [&](const WatchedName& known) {
    return known.cluster == cluster && known.dns.name == name;
  });
  if (watched) resolved_.insert_or_assign(cluster, std::move(addresses));
  return watched;
}

}  // namespace fairlead::apply
