#pragma once

#include "pkg/config/checks.h"
#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Bootstrap;
}

namespace fairlead::config {

// Makes values of the message, defaults filled in. `addresses` learns where its ports listen.
Bootstrap ReadBootstrap(const v1::Bootstrap& message, Unique& addresses, Report& report);

}  // namespace fairlead::config
