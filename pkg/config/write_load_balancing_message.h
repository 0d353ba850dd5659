#pragma once

#include "pkg/config/config.h"

namespace fairlead::config::v1 {
class LoadBalancing;
}

namespace fairlead::config {

// Fills in an empty message, every default explicit.
void WriteLoadBalancingMessage(const LoadBalancing& balancing, v1::LoadBalancing* message);

}  // namespace fairlead::config
