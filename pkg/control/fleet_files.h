#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "pkg/config/config.h"

namespace fairlead::control {

// Inside this room only: what is in the files that `control.fleet` names; empty where it names none.
struct FleetFiles {
  std::string ca;
  std::string chain;
  std::string key;
  std::string token;  // without the end of its line

  bool operator==(const FleetFiles&) const = default;
};

// As they are on disk now. An error when one cannot be read or is empty, or when a token is none.
absl::StatusOr<FleetFiles> ReadFleetFiles(const config::Fleet& fleet);

}  // namespace fairlead::control
