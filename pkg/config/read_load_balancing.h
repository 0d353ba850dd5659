#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class LoadBalancing;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Makes values of the message, defaults filled in.
LoadBalancing ReadLoadBalancing(const v1::LoadBalancing& message, const Path& path, Report& report);

}  // namespace fairlead::config
