#include "pkg/config/read_config.h"

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/domain_claims.h"
#include "pkg/config/read_cluster.h"
#include "pkg/config/read_drain.h"
#include "pkg/config/read_listener.h"
#include "pkg/config/read_virtual_host.h"
#include "pkg/config/sticky_names.h"

namespace fairlead::config {
namespace {

constexpr NumberRange kBuffered = {1 << 16, UINT32_MAX};

Overload ReadOverload(const v1::Overload& message, const Path& path, Report& report) {
  Overload overload;
  if (message.max_buffered_bytes() > 0) {
    overload.max_buffered_bytes =
        ReadNumber(message.max_buffered_bytes(), kBuffered, path.Field("max_buffered_bytes"), report);
  }
  return overload;
}

// Adds the names of a list; an empty one has been reported as missing.
template <typename Messages>
void AddNames(const Messages& messages, const Path& path, Unique& names, Report& report) {
  for (int i = 0; i < messages.size(); ++i) {
    const Path item = path.Index(i);
    if (!messages[i].name().empty()) names.Add(messages[i].name(), item.Field("name"), report);
  }
}

}  // namespace

Config ReadConfig(const v1::Config& message, Unique& addresses, Report& report) {
  const Path root, listeners = root.Field("listeners"), hosts = root.Field("virtual_hosts"),
                   clusters = root.Field("clusters");
  Unique listener_names("name"), host_names("name"), route_names("name"), cluster_names("name");
  AddNames(message.listeners(), listeners, listener_names, report);
  AddNames(message.virtual_hosts(), hosts, host_names, report);
  AddNames(message.clusters(), clusters, cluster_names, report);
  DomainClaims domains;
  Config config;
  config.drain = ReadDrain(message.drain(), root.Field("drain"), report);
  config.overload = ReadOverload(message.overload(), root.Field("overload"), report);
  for (int i = 0; i < message.listeners_size(); ++i) {
    config.listeners.push_back(ReadListener(message.listeners(i), addresses, listeners.Index(i), report));
  }
  for (int i = 0; i < message.virtual_hosts_size(); ++i) {
    const Path path = hosts.Index(i);
    config.virtual_hosts.push_back(
        ReadVirtualHost(message.virtual_hosts(i), listener_names, cluster_names, route_names, path, report));
    domains.Add(config.virtual_hosts.back(), path, report);
  }
  for (int i = 0; i < message.clusters_size(); ++i) {
    config.clusters.push_back(ReadCluster(message.clusters(i), clusters.Index(i), report));
  }
  CheckStickyNames(config, report);
  return config;
}

}  // namespace fairlead::config
