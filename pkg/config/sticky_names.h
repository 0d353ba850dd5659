#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config {

// Reports clusters whose sticky cookies have one name, on paths of which one is in the other, and which one
// virtual host sends to: a client's cookie of the one would be lost to that of the other.
void CheckStickyNames(const Config& config, Report& report);

}  // namespace fairlead::config
