#pragma once

#include <string>

#include "pkg/config/path.h"
#include "pkg/config/report.h"

namespace fairlead::config {

// The absolute path of a file or directory; empty = none, where `required` is false. Nothing is looked up.
std::string ReadFilePath(const std::string& text, bool required, const Path& path, Report& report);

}  // namespace fairlead::config
