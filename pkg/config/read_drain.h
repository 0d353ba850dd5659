#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Cluster;
class ClusterDrain;
class Drain;
class Route;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Each makes values of the message, defaults filled in.
Drain ReadDrain(const v1::Drain& message, const Path& path, Report& report);
ClusterDrain ReadClusterDrain(const v1::ClusterDrain& message, const Path& path, Report& report);
OnRemoved ReadOnRemoved(const v1::Route& message, const Path& path, Report& report);
// What only some policies know; `path` is the cluster's.
void ReadMoves(const v1::Cluster& message, const Path& path, Report& report, Cluster* cluster);

}  // namespace fairlead::config
