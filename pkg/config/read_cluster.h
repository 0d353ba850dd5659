#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Cluster;
class Endpoint;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Makes values of the message, defaults filled in.
Cluster ReadCluster(const v1::Cluster& message, const Path& path, Report& report);
Endpoint ReadEndpoint(const v1::Endpoint& message, const Path& path, Report& report);

// What endpoints are called, by their own word or by their address, must tell them apart; where the policy
// hashes, what hashing sees of them, too. `path` is the cluster's.
void CheckDistinct(const Cluster& cluster, const Path& path, Report& report);

}  // namespace fairlead::config
