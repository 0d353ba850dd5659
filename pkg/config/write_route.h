#pragma once

#include "pkg/config/config.h"
#include "pkg/config/json_writer.h"

namespace fairlead::config {

// Writes a route as an element of a list.
void WriteRoute(const Route& route, JsonWriter& json);

}  // namespace fairlead::config
