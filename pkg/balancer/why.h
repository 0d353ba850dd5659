#pragma once

#include <cstdint>
#include <vector>

namespace fairlead::balancer {

// What became of an endpoint in one pick.
enum class Why : uint8_t {
  kNotReached,     // nothing against it: the policy came to another first
  kPicked,         //
  kNoWeight,       // its weight is 0
  kDraining,       // the configuration takes it out
  kUnhealthy,      // its check fails
  kEjected,        // real connections to it failed
  kFull,           // it holds all that it may
  kOverBound,      // it holds more than bounded load lets it
  kRamping,        // slow start: this pick is not in the share that it has grown into
  kTried,          // it was tried for this request already
  kOtherPriority,  // the pick went to another priority
  kOtherZone,      // the pick went to other zones
};

// What a pick writes down for a person, where it is asked to.
struct Trace {
  std::vector<Why> why;   // for each endpoint, by its place in the list
  uint32_t priority = 0;  // that it was picked in
  bool panic = false;     // health was ignored there: too few were healthy
};

}  // namespace fairlead::balancer
