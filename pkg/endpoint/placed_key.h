#pragma once

#include <cstdint>

namespace fairlead::endpoint {

// What a tunnel's cluster places it by, as it was when the tunnel opened.
struct PlacedKey {
  uint64_t key = 0;
  uint32_t definition = 0;  // tells keys that were made in one way from those made in another
  bool at_home = false;     // whether it got the endpoint where its key belongs while all are well

  bool operator==(const PlacedKey&) const = default;
};

// Where a tunnel is, as its cluster would have it.
enum class Placement : uint8_t {
  kUnknown,  // it has no key, or one that was made otherwise than keys are now
  kHome,     // where its key belongs
  kAway,  // it was put elsewhere when it opened: its own endpoint was full or not well, or a cookie said so
  kMisplaced,  // it was at home when it opened, and its key belongs to another endpoint now
};

}  // namespace fairlead::endpoint
