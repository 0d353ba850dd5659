#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fairlead::drain {

// An endpoint of a cluster that is to be levelled.
struct Load {
  uint64_t tunnels = 0;  // that it holds
  double weight = 1;     // 0 = it takes no new ones, and is not levelled
};

// The highest load of all, as a multiple of its fair part; 1 = level, 0 = nobody holds any.
double MaxOverMean(std::span<const Load> loads);

// How many tunnels have to leave each endpoint so that none holds more than `target` (above 1) times its fair
// part of what all hold. As few as can be: those that leave find the room that others have, wherever the
// policy lets new tunnels go to the emptiest. Nothing where a part is less than one tunnel.
std::vector<uint64_t> SurplusOf(std::span<const Load> loads, double target);

}  // namespace fairlead::drain
