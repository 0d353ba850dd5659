#include "pkg/config/read_bootstrap.h"

#include <optional>
#include <string>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/quote.h"
#include "pkg/config/read_control.h"

namespace fairlead::config {
namespace {

constexpr char kDefaultTelemetry[] = "0.0.0.0:9180";
constexpr char kDefaultAdmin[] = "127.0.0.1:9181";
constexpr uint32_t kMaxWorkers = 1024;
constexpr size_t kMaxPathBytes = 4095;  // PATH_MAX, without the zero

// Empty = closed.
std::optional<base::SocketAddress> ReadPort(const std::string& text, const Path& path, Unique& addresses,
                                            Report& report) {
  if (text.empty()) return std::nullopt;
  const std::optional<base::SocketAddress> address = base::SocketAddress::Parse(text);
  if (!address || address->is_unix()) {
    report.Add(path, Quote(text) + " is no address of a port", "write IP:port, or nothing to close it");
    return std::nullopt;
  }
  if (address->ip_port()->port != 0) addresses.Add(address->ToString(), path, report);
  return address;
}

AccessLogMode ReadMode(v1::AccessLogMode mode, const Path& path, Report& report) {
  switch (mode) {
    case v1::ACCESS_LOG_MODE_UNSPECIFIED:
    case v1::ACCESS_LOG_MODE_END:
      return AccessLogMode::kEnd;
    case v1::ACCESS_LOG_MODE_OPEN_AND_END:
      return AccessLogMode::kOpenAndEnd;
    case v1::ACCESS_LOG_MODE_DISABLED:
      return AccessLogMode::kDisabled;
    default:
      report.Add(path, "is not known", "give END, OPEN_AND_END or DISABLED");
      return AccessLogMode::kEnd;
  }
}

AccessLog ReadAccessLog(const v1::AccessLog& message, const Path& path, Report& report) {
  AccessLog log;
  log.mode = ReadMode(message.mode(), path.Field("mode"), report);
  log.path = message.path();
  if (log.path.size() > kMaxPathBytes || log.path.find('\0') != std::string::npos) {
    report.Add(path.Field("path"), "is no path of a file", "write one of at most 4095 bytes");
  }
  return log;
}

}  // namespace

Bootstrap ReadBootstrap(const v1::Bootstrap& message, Unique& addresses, Report& report) {
  const Path root, node = root.Field("node"), telemetry = root.Field("telemetry"),
                   admin = root.Field("admin");
  Bootstrap bootstrap;
  CheckOptionalName(message.node().id(), node.Field("id"), report);
  CheckOptionalName(message.node().zone(), node.Field("zone"), report);
  bootstrap.node = {message.node().id(), message.node().zone()};
  bootstrap.telemetry =
      ReadPort(message.telemetry().has_address() ? message.telemetry().address() : kDefaultTelemetry,
               telemetry.Field("address"), addresses, report);
  bootstrap.admin = ReadPort(message.admin().has_address() ? message.admin().address() : kDefaultAdmin,
                             admin.Field("address"), addresses, report);
  bootstrap.access_log = ReadAccessLog(message.access_log(), root.Field("access_log"), report);
  bootstrap.workers = ReadNumber(message.workers(), {0, kMaxWorkers}, root.Field("workers"), report);
  bootstrap.control = ReadControl(message.control(), root.Field("control"), addresses, report);
  return bootstrap;
}

}  // namespace fairlead::config
