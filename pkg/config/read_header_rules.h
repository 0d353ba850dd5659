#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class HeaderRules;
}

namespace fairlead::config {

// Makes values of the message.
HeaderRules ReadHeaderRules(const v1::HeaderRules& message, const Path& path, Report& report);

}  // namespace fairlead::config
