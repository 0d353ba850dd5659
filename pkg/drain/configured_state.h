#pragma once

#include <cstddef>

#include "pkg/config/config.h"

namespace fairlead::drain {

// Inside this room only. Whether the configuration has the endpoint of that place leave; one from DNS has no
// state.
inline bool IsDraining(const config::Cluster& cluster, size_t place) {
  return !cluster.dns && cluster.endpoints[place].state == config::EndpointState::kDraining;
}

}  // namespace fairlead::drain
