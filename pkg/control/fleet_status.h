#pragma once

#include <string>

#include "pkg/base/clock.h"

namespace fairlead::control {

// How the stream to the control plane is.
struct FleetStatus {
  std::string address;
  bool connected = false;  // a connection stands, and Hello has gone out on it
  base::WallTime since;    // since when it is or is not
  std::string last_error;  // why it last broke; empty = never has

  bool operator==(const FleetStatus&) const = default;
};

}  // namespace fairlead::control
