#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace fairlead::testing {

// Input as it may come over a wire: cut at places that `seed` chooses, now often and now seldom.
inline std::vector<std::string_view> CutAtRandom(std::string_view bytes, uint32_t seed) {
  std::minstd_rand random(seed);
  std::vector<std::string_view> pieces;
  while (!bytes.empty()) {
    const size_t at_most = size_t{1} << random() % 10;
    const size_t size = std::min(bytes.size(), 1 + random() % at_most);
    pieces.push_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return pieces;
}

}  // namespace fairlead::testing
