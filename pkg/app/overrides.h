#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/config/load.h"

namespace fairlead::app {

// What the command line says over the file; nothing = what the file says.
struct Overrides {
  std::optional<std::string> node_id;
  std::optional<std::string> node_zone;
  std::optional<std::string> telemetry_address;
  std::optional<std::string> admin_address;
  std::optional<std::string> control_address;
  std::optional<std::string> control_owner;
  std::optional<std::string> control_state_dir;
  std::optional<std::string> control_fleet_address;
};

// Puts them into the file. Returns what is wrong then: with a flag, or with how they go together with what
// the file says, by the rules of the file.
std::vector<config::Violation> Override(const Overrides& overrides, config::File* file);

}  // namespace fairlead::app
