#pragma once

#include "pkg/config/report.h"
#include "pkg/config/resilience.h"

namespace fairlead::config::v1 {
class Cluster;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Makes a value of those members of the message, defaults filled in. `path` is the cluster's.
Resilience ReadResilience(const v1::Cluster& message, const Path& path, Report& report);

}  // namespace fairlead::config
