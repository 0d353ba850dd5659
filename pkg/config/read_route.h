#pragma once

#include "pkg/config/checks.h"
#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Route;
}

namespace fairlead::config {

// Makes values of the message, defaults filled in. `clusters` are the names that it may send to.
Route ReadRoute(const v1::Route& message, const Unique& clusters, const Path& path, Report& report);

}  // namespace fairlead::config
