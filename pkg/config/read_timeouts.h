#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Timeouts;
}

namespace fairlead::config {

// Makes values of the message, defaults filled in.
Timeouts ReadTimeouts(const v1::Timeouts& message, const Path& path, Report& report);

}  // namespace fairlead::config
