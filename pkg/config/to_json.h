#pragma once

#include <string>

#include "pkg/config/config.h"
#include "pkg/config/load.h"

namespace fairlead::config {

// The configuration in effect as JSON, indented and in a stable order: every default explicit, in the
// spelling of the file. Of a valid configuration, LoadYaml makes the same values again.
std::string ToJson(const Config& config);
std::string ToJson(const File& file);

}  // namespace fairlead::config
