#pragma once

#include <string_view>

#include "pkg/config/config.h"

namespace fairlead::config {

// As it is written in the file: "FILE", "PUSH", "FLEET".
std::string_view Name(Owner owner);

}  // namespace fairlead::config
