#include "pkg/config/read_config.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/quote.h"
#include "pkg/config/read_cluster.h"
#include "pkg/config/read_listener.h"
#include "pkg/config/read_virtual_host.h"

namespace fairlead::config {
namespace {

constexpr DurationRange kUpToADay = {base::Duration(0), std::chrono::hours(24)};

Drain ReadDrain(const v1::Drain& message, const Path& path, Report& report) {
  Drain drain;
  if (message.has_delay())
    drain.delay = ReadDuration(message.delay(), kUpToADay, path.Field("delay"), report);
  if (message.has_window())
    drain.window = ReadDuration(message.window(), kUpToADay, path.Field("window"), report);
  return drain;
}

// Adds the names of a list; an empty one has been reported as missing.
template <typename Messages>
void AddNames(const Messages& messages, const Path& path, Unique& names, Report& report) {
  for (int i = 0; i < messages.size(); ++i) {
    const Path item = path.Index(i);
    if (!messages[i].name().empty()) names.Add(messages[i].name(), item.Field("name"), report);
  }
}

// Who has claimed a domain: a virtual host on every listener, or some on one each. The path of the claim.
struct Claims {
  std::string everywhere;
  std::map<std::string, std::string> by_listener;
};

// The claim in the way of one for `listener`, empty = everywhere.
const std::string* Rival(const Claims& claims, const std::string& listener) {
  if (!claims.everywhere.empty()) return &claims.everywhere;
  if (listener.empty()) return claims.by_listener.empty() ? nullptr : &claims.by_listener.begin()->second;
  const auto same = claims.by_listener.find(listener);
  return same == claims.by_listener.end() ? nullptr : &same->second;
}

void CheckDomains(const std::vector<VirtualHost>& hosts, const Path& path, Report& report) {
  std::map<std::string, Claims> domains;
  const std::vector<std::string> everywhere = {""};
  for (size_t i = 0; i < hosts.size(); ++i) {
    const Path host = path.Index(i), list = host.Field("domains");
    for (size_t j = 0; j < hosts[i].domains.size(); ++j) {
      const std::string& domain = hosts[i].domains[j];
      if (domain.empty()) continue;  // reported
      const Path item = list.Index(j);
      Claims& claims = domains[domain];
      for (const std::string& listener : hosts[i].listeners.empty() ? everywhere : hosts[i].listeners) {
        if (const std::string* rival = Rival(claims, listener)) {
          report.Add(item,
                     fmt::format("the domain {} is taken on the same listener by {}", Quote(domain), *rival),
                     "serve a domain in one virtual host of a listener");
          continue;
        }
        (listener.empty() ? claims.everywhere : claims.by_listener[listener]) = item.ToString();
      }
    }
  }
}

}  // namespace

Config ReadConfig(const v1::Config& message, Unique& addresses, Report& report) {
  const Path root, listeners = root.Field("listeners"), hosts = root.Field("virtual_hosts"),
                   clusters = root.Field("clusters");
  Unique listener_names("name"), host_names("name"), cluster_names("name");
  AddNames(message.listeners(), listeners, listener_names, report);
  AddNames(message.virtual_hosts(), hosts, host_names, report);
  AddNames(message.clusters(), clusters, cluster_names, report);
  Config config;
  config.drain = ReadDrain(message.drain(), root.Field("drain"), report);
  for (int i = 0; i < message.listeners_size(); ++i) {
    config.listeners.push_back(ReadListener(message.listeners(i), addresses, listeners.Index(i), report));
  }
  for (int i = 0; i < message.virtual_hosts_size(); ++i) {
    config.virtual_hosts.push_back(
        ReadVirtualHost(message.virtual_hosts(i), listener_names, cluster_names, hosts.Index(i), report));
  }
  for (int i = 0; i < message.clusters_size(); ++i) {
    config.clusters.push_back(ReadCluster(message.clusters(i), clusters.Index(i), report));
  }
  CheckDomains(config.virtual_hosts, hosts, report);
  return config;
}

}  // namespace fairlead::config
