#include "pkg/config/load.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/base/read_file.h"
#include "pkg/config/checks.h"
#include "pkg/config/quote.h"
#include "pkg/config/read_bootstrap.h"
#include "pkg/config/read_config.h"
#include "pkg/config/report.h"
#include "pkg/config/yaml_document.h"
#include "pkg/config/yaml_to_proto.h"

namespace fairlead::config {
namespace {

// A field that a flag may override.
struct Flag {
  std::string_view name;
  std::string_view path;
  const std::optional<std::string>& value;
};

std::vector<Flag> FlagsOf(const Overrides& overrides) {
  return {{"--node-id", "node.id", overrides.node_id},
          {"--node-zone", "node.zone", overrides.node_zone},
          {"--telemetry-address", "telemetry.address", overrides.telemetry_address},
          {"--admin-address", "admin.address", overrides.admin_address},
          {"--control-address", "control.address", overrides.control_address},
          {"--control-owner", "control.owner", overrides.control_owner},
          {"--control-state-dir", "control.state_dir", overrides.control_state_dir},
          {"--control-fleet-address", "control.fleet.address", overrides.control_fleet_address}};
}

v1::ConfigOwner OwnerOf(const std::string& text) {
  v1::ConfigOwner owner;
  if (v1::ConfigOwner_Parse("CONFIG_OWNER_" + text, &owner)) return owner;
  return static_cast<v1::ConfigOwner>(-1);  // which is refused where it is read
}

void OverrideFleet(const std::string& address, v1::Bootstrap* bootstrap) {
  if (address.empty()) return bootstrap->mutable_control()->clear_fleet();
  bootstrap->mutable_control()->mutable_fleet()->set_address(address);
}

void Override(const Overrides& overrides, v1::Bootstrap* bootstrap) {
  if (overrides.node_id) bootstrap->mutable_node()->set_id(*overrides.node_id);
  if (overrides.node_zone) bootstrap->mutable_node()->set_zone(*overrides.node_zone);
  if (overrides.telemetry_address) bootstrap->mutable_telemetry()->set_address(*overrides.telemetry_address);
  if (overrides.admin_address) bootstrap->mutable_admin()->set_address(*overrides.admin_address);
  if (overrides.control_address) bootstrap->mutable_control()->set_address(*overrides.control_address);
  if (overrides.control_owner) bootstrap->mutable_control()->set_owner(OwnerOf(*overrides.control_owner));
  if (overrides.control_state_dir) bootstrap->mutable_control()->set_state_dir(*overrides.control_state_dir);
  if (overrides.control_fleet_address) OverrideFleet(*overrides.control_fleet_address, bootstrap);
}

// Whoever is told of a value must find it where it was said.
void NameFlags(const Overrides& overrides, std::vector<Violation>* violations) {
  for (const Flag& flag : FlagsOf(overrides)) {
    if (!flag.value) continue;
    for (Violation& violation : *violations) {
      if (violation.path != flag.path) continue;
      violation.path = flag.name;
      violation.line = 0;
    }
  }
}

}  // namespace

Loaded LoadYaml(std::string_view text, const Overrides& overrides) {
  Violation unreadable;
  const std::optional<YamlDocument> document = YamlDocument::Parse(text, &unreadable);
  if (!document) return {std::nullopt, {unreadable}};
  Report report(&*document);
  v1::Bootstrap bootstrap;
  v1::Config config;
  if (!YamlToProto(*document, {&bootstrap, &config}, report)) return {std::nullopt, std::move(report).Take()};
  Override(overrides, &bootstrap);
  Unique addresses("address");
  File file;
  file.bootstrap = ReadBootstrap(bootstrap, addresses, report);
  file.config = ReadConfig(config, addresses, report);
  if (report.empty()) return {std::move(file), {}};
  std::vector<Violation> violations = std::move(report).Take();
  NameFlags(overrides, &violations);
  return {std::nullopt, std::move(violations)};
}

Loaded LoadFile(const std::string& path, const Overrides& overrides) {
  const absl::StatusOr<std::string> text = base::ReadFile(path, kMaxFileBytes);
  if (text.ok()) return LoadYaml(*text, overrides);
  return {std::nullopt,
          {{"", 0,
            fmt::format("the file {} cannot be read: {}", Quote(path), std::string(text.status().message())),
            "name one that can"}}};
}

}  // namespace fairlead::config
