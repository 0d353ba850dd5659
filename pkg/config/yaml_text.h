#pragma once

#include <string_view>

#include "pkg/config/violation.h"

namespace fairlead::config {

// Whether the text is what YAML allows a file to be (YAML 1.2 §5.1), in UTF-8: *violation names the first
// byte that is not. yaml-cpp does not look, and takes a control character (EOT) for the end of the file.
bool IsYamlText(std::string_view text, Violation* violation);

}  // namespace fairlead::config
