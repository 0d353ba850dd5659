#include "pkg/app/overrides.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "pkg/config/to_json.h"

namespace fairlead::app {
namespace {

using Text = std::optional<std::string>;
using Violations = std::vector<config::Violation>;

void TakeAddress(const Text& text, std::string_view flag, std::optional<base::SocketAddress>* field,
                 Violations& violations) {
  if (!text) return;
  *field = base::SocketAddress::Parse(*text);
  if (*field || text->empty()) return;  // empty = closed
  violations.push_back(
      {.path = std::string(flag),
       .line = 0,
       .problem = fmt::format("\"{}\" is no address", *text),
       .remedy = "write IP:PORT, such as 127.0.0.1:9180, or unix:/path for the control API"});
}

void TakeOwner(const Text& text, config::Owner* owner, Violations& violations) {
  if (!text) return;
  if (*text == "FILE") {
    *owner = config::Owner::kFile;
  } else if (*text == "PUSH") {
    *owner = config::Owner::kPush;
  } else if (*text == "FLEET") {
    *owner = config::Owner::kFleet;
  } else {
    violations.push_back(
        {"--control-owner", 0, fmt::format("\"{}\" is not known", *text), "give FILE, PUSH or FLEET"});
  }
}

void TakeFleetAddress(const Text& text, std::optional<config::Fleet>* fleet) {
  if (!text) return;
  if (text->empty()) return fleet->reset();
  if (!*fleet) fleet->emplace();
  (*fleet)->address = *text;
}

}  // namespace

Violations Override(const Overrides& overrides, config::File* file) {
  Violations violations;
  config::Bootstrap& bootstrap = file->bootstrap;
  config::Control& control = bootstrap.control;
  if (overrides.node_id) bootstrap.node.id = *overrides.node_id;
  if (overrides.node_zone) bootstrap.node.zone = *overrides.node_zone;
  TakeAddress(overrides.telemetry_address, "--telemetry-address", &bootstrap.telemetry, violations);
  TakeAddress(overrides.admin_address, "--admin-address", &bootstrap.admin, violations);
  TakeAddress(overrides.control_address, "--control-address", &control.address, violations);
  TakeOwner(overrides.control_owner, &control.owner, violations);
  if (overrides.control_state_dir) control.state_dir = *overrides.control_state_dir;
  TakeFleetAddress(overrides.control_fleet_address, &control.fleet);
  if (!violations.empty()) return violations;
  violations = config::LoadYaml(config::ToJson(*file)).violations;
  for (config::Violation& violation : violations) violation.line = 0;  // of a file that nobody wrote
  return violations;
}

}  // namespace fairlead::app
