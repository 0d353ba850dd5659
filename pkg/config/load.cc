#include "pkg/config/load.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "fairlead/config/v1/config.pb.h"
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

std::array<Flag, 4> FlagsOf(const Overrides& overrides) {
  return {{{"--node-id", "node.id", overrides.node_id},
           {"--node-zone", "node.zone", overrides.node_zone},
           {"--telemetry-address", "telemetry.address", overrides.telemetry_address},
           {"--admin-address", "admin.address", overrides.admin_address}}};
}

void Override(const Overrides& overrides, v1::Bootstrap* bootstrap) {
  if (overrides.node_id) bootstrap->mutable_node()->set_id(*overrides.node_id);
  if (overrides.node_zone) bootstrap->mutable_node()->set_zone(*overrides.node_zone);
  if (overrides.telemetry_address) bootstrap->mutable_telemetry()->set_address(*overrides.telemetry_address);
  if (overrides.admin_address) bootstrap->mutable_admin()->set_address(*overrides.admin_address);
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
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  // One byte more than is allowed tells that there is more than is allowed.
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    const std::string reason = errno == 0 ? "" : fmt::format(": {}", std::strerror(errno));
    return {std::nullopt,
            {{"", 0, fmt::format("the file {} cannot be read{}", Quote(path), reason), "name one that can"}}};
  }
  text.resize(static_cast<size_t>(stream.gcount()));
  return LoadYaml(text, overrides);
}

}  // namespace fairlead::config
