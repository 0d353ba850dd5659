#pragma once

#include "pkg/config/checks.h"
#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Listener;
}

namespace fairlead::config {

// Makes values of the message, defaults filled in. `addresses` are those that are taken, and learns this one.
Listener ReadListener(const v1::Listener& message, Unique& addresses, const Path& path, Report& report);

}  // namespace fairlead::config
