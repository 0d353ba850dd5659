#pragma once

#include "pkg/config/checks.h"
#include "pkg/config/tls.h"

namespace fairlead::config::v1 {
class ClusterTls;
class ListenerTls;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Inside this room only: the values of `tls`. Files are not opened here. `dns_name`: of the cluster, or "".
ListenerTls ReadListenerTls(const v1::ListenerTls& message, const Path& path, Report& report);
ClusterTls ReadClusterTls(const v1::ClusterTls& message, const std::string& dns_name, const Path& path,
                          Report& report);

}  // namespace fairlead::config
