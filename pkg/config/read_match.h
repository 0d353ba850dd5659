#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class RouteMatch;
}

namespace fairlead::config {

// Makes values of the message.
RouteMatch ReadMatch(const v1::RouteMatch& message, const Path& path, Report& report);

}  // namespace fairlead::config
