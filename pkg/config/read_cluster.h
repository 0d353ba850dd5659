#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Cluster;
}

namespace fairlead::config {

// Makes values of the message, defaults filled in.
Cluster ReadCluster(const v1::Cluster& message, const Path& path, Report& report);

}  // namespace fairlead::config
