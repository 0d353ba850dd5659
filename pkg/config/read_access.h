#pragma once

#include "pkg/config/config.h"
#include "pkg/config/path.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class AddressRules;
class Route;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Who may ask at a route. Each function reports what is wrong; `path` is that of what it reads.

// `path` is the route's.
OriginRules ReadOrigins(const v1::Route& message, const Path& path, Report& report);
AddressRules ReadAddressRules(const v1::AddressRules& message, const Path& path, Report& report);

}  // namespace fairlead::config
