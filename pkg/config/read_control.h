#pragma once

#include "pkg/config/checks.h"
#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Control;
}

namespace fairlead::config {

// Makes values of the message, defaults filled in. `addresses` are those that are taken, and learns the
// API's.
Control ReadControl(const v1::Control& message, const Path& path, Unique& addresses, Report& report);

}  // namespace fairlead::config
