#pragma once

#include "pkg/config/config.h"
#include "pkg/config/json_writer.h"

namespace fairlead::config {

// Writes `control`, a field of the file.
void WriteControl(const Control& control, JsonWriter& json);

}  // namespace fairlead::config
