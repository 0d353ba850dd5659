#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fairlead::drain {

// An endpoint of a cluster that is to be levelled.
struct Load {
  uint64_t held = 0;              // all that the policy counts: tunnels, upgrades under way, requests
  double weight = 1;              // 0 = it takes no new ones, and is not levelled
  uint64_t movable = UINT64_MAX;  // how many of those it holds may be let go
  uint64_t room = UINT64_MAX;     // for how many more it has places
};

// The highest load of those that could let some go, as a multiple of its fair part; 1 = level, 0 = nobody
// holds any.
double MaxOverMean(std::span<const Load> loads);

// How many tunnels have to leave each endpoint so that none holds more than `target` (above 1) times its fair
// part of what all hold. As few as can be: those that leave find the room that others have, wherever the
// policy lets new tunnels go to the emptiest, and no more than have places there. Nothing where a part is
// less than one tunnel.
std::vector<uint64_t> SurplusOf(std::span<const Load> loads, double target);

}  // namespace fairlead::drain
