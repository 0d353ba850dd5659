#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/config/violation.h"

namespace fairlead::config {

// What a configuration file says, checked and with every default filled in.
struct File {
  Bootstrap bootstrap;
  Config config;

  bool operator==(const File&) const = default;
};

// What the command line says over a file; empty = nothing. The text is what the field would have in the file.
struct Overrides {
  std::optional<std::string> node_id = {};
  std::optional<std::string> node_zone = {};
  std::optional<std::string> telemetry_address = {};
  std::optional<std::string> admin_address = {};
  std::optional<std::string> control_address = {};
  std::optional<std::string> control_owner = {};
  std::optional<std::string> control_state_dir = {};
  std::optional<std::string> control_fleet_address = {};  // empty = no control plane
};

struct Loaded {
  std::optional<File> file;           // set when there is no violation
  std::vector<Violation> violations;  // all of them, in the order of the file
};

// Reads a configuration from YAML, or from JSON, which is YAML. docs/configuration.md explains the fields. At
// most kMaxFileBytes, kMaxYamlDepth and kMaxYamlNodes (yaml_document.h). Overrides are judged together with
// the rest; a violation of one has the flag ("--admin-address") for a path. Never throws; any thread.
Loaded LoadYaml(std::string_view text, const Overrides& overrides = {});

// LoadYaml of a file's content; a file that cannot be read is a violation too. Blocks on the disk.
Loaded LoadFile(const std::string& path, const Overrides& overrides = {});

}  // namespace fairlead::config
