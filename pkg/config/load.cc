#include "pkg/config/load.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
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

// Empty, or why it cannot be read. Never waits for anybody: a pipe would make it wait for a writer.
std::string ReadRegularFile(const std::string& path, std::string* text) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::strerror(errno);
  struct stat found {};
  std::string problem;
  if (::fstat(fd, &found) != 0) {
    problem = std::strerror(errno);
  } else if (S_ISDIR(found.st_mode)) {
    problem = std::strerror(EISDIR);
  } else if (!S_ISREG(found.st_mode)) {
    problem = "it is no regular file";
  }
  // One byte more than is allowed tells that there is more than is allowed.
  text->resize(kMaxFileBytes + 1);
  size_t size = 0;
  while (problem.empty() && size < text->size()) {
    const ssize_t count = ::read(fd, text->data() + size, text->size() - size);
    if (count < 0 && errno != EINTR) problem = std::strerror(errno);
    if (count == 0) break;
    if (count > 0) size += static_cast<size_t>(count);
  }
  ::close(fd);
  text->resize(size);
  return problem;
}

}  // namespace

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
  std::string text;
  if (const std::string problem = ReadRegularFile(path, &text); !problem.empty()) {
    return {
        std::nullopt,
        {{"", 0, fmt::format("the file {} cannot be read: {}", Quote(path), problem), "name one that can"}}};
  }
  return LoadYaml(text);
}

}  // namespace fairlead::config
