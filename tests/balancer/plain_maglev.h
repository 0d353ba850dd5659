#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "pkg/balancer/stable_hash.h"

namespace fairlead::balancer {

// The table as the paper fills it (NSDI 2016, §3.4), for equal weights: what ours is measured beside.
inline std::vector<uint32_t> FillAsInThePaper(const std::vector<std::string>& names, uint32_t size,
                                              uint32_t without) {
  constexpr uint32_t kFree = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> slot, step, table(size, kFree);
  for (const std::string& name : names) {
    slot.push_back(static_cast<uint32_t>(StableHash(name) % size));
    step.push_back(static_cast<uint32_t>(StableHash(name, 1) % (size - 1) + 1));
  }
  for (uint32_t filled = 0; filled < size;) {
    for (uint32_t host = 0; host < names.size() && filled < size; ++host) {
      if (host == without) continue;
      while (table[slot[host]] != kFree) slot[host] = (slot[host] + step[host]) % size;
      table[slot[host]] = host;
      ++filled;
    }
  }
  return table;
}

}  // namespace fairlead::balancer
