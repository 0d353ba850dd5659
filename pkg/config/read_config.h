#pragma once

#include "pkg/config/checks.h"
#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Config;
}

namespace fairlead::config {

// Makes values of the message, defaults filled in, references checked. `addresses` are those that the process
// listens on already.
Config ReadConfig(const v1::Config& message, Unique& addresses, Report& report);

}  // namespace fairlead::config
