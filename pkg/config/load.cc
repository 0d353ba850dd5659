#include "pkg/config/load.h"

#include <fmt/format.h>

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

Loaded LoadYaml(std::string_view text) {
  Violation unreadable;
  const std::optional<YamlDocument> document = YamlDocument::Parse(text, &unreadable);
  if (!document) return {std::nullopt, {unreadable}};
  Report report(&*document);
  v1::Bootstrap bootstrap;
  v1::Config config;
  if (!YamlToProto(*document, {&bootstrap, &config}, report)) return {std::nullopt, std::move(report).Take()};
  Unique addresses("address");
  File file;
  file.bootstrap = ReadBootstrap(bootstrap, addresses, report);
  file.config = ReadConfig(config, addresses, report);
  if (!report.empty()) return {std::nullopt, std::move(report).Take()};
  return {std::move(file), {}};
}

Loaded LoadFile(const std::string& path) {
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
  return LoadYaml(text);
}

}  // namespace fairlead::config
