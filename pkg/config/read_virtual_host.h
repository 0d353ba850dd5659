#pragma once

#include "pkg/config/checks.h"
#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class VirtualHost;
}

namespace fairlead::config {

// Makes values of the message, defaults filled in. `listeners` and `clusters` are the names that it may refer
// to; `routes` gets those of its own, which no other host may have.
VirtualHost ReadVirtualHost(const v1::VirtualHost& message, const Unique& listeners, const Unique& clusters,
                            Unique& routes, const Path& path, Report& report);

}  // namespace fairlead::config
