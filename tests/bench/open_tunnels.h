#pragma once

#include <cstdint>
#include <vector>

#include "tests/bench/wire.h"

namespace fairlead::bench {

/// Opens `count` tunnels through the proxy on `port`, a few at a time, and returns their descriptors. One
/// that does not open ends the process.
std::vector<int> OpenTunnels(Wire& wire, uint16_t port, int count);

}  // namespace fairlead::bench
