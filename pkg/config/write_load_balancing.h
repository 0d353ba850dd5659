#pragma once

#include "pkg/config/config.h"
#include "pkg/config/json_writer.h"

namespace fairlead::config {

// Writes how a cluster balances as a member of it.
void WriteLoadBalancing(const LoadBalancing& balancing, JsonWriter& json);

}  // namespace fairlead::config
