#include "pkg/telemetry/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

namespace fairlead::telemetry {
namespace {

constexpr size_t kMaxLine = 16 << 10;

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Whatever a line holds, it is one line, and not the only one that a disk has room for.
std::string OneLine(std::string_view line) {
  std::string safe;
  for (const char c : line.substr(0, kMaxLine)) {
    if (IsControl(c)) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      safe.push_back(c);
    }
  }
  if (line.size() > kMaxLine) safe += "…";
  return safe;
}

void Write(spdlog::level::level_enum level, std::string_view line) {
  if (line.size() > kMaxLine || std::any_of(line.begin(), line.end(), IsControl)) {
    const std::string safe = OneLine(line);
    return spdlog::default_logger_raw()->log(level, spdlog::string_view_t(safe.data(), safe.size()));
  }
  spdlog::default_logger_raw()->log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void StartLog() {
  auto logger =
      std::make_shared<spdlog::logger>("fairlead", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l: %v", spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(std::move(logger));
}

void LogInfo(std::string_view line) {
  Write(spdlog::level::info, line);
}
void LogWarning(std::string_view line) {
  Write(spdlog::level::warn, line);
}
void LogError(std::string_view line) {
  Write(spdlog::level::err, line);
}

}  // namespace fairlead::telemetry
