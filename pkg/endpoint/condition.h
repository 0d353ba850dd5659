#pragma once

#include <cstdint>

namespace fairlead::endpoint {

// A whole share: an endpoint that does not ramp.
inline constexpr uint32_t kWholeShare = 65536;

// What is known of an endpoint beside its configuration; by default nothing speaks against it.
struct Condition {
  bool unhealthy = false;        // says its active check
  bool ejected = false;          // says what happened to real connections
  uint32_t share = kWholeShare;  // slow start: how much of its weight it has grown into, 1 to kWholeShare

  bool operator==(const Condition&) const = default;
};

}  // namespace fairlead::endpoint
