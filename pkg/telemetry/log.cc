#include "pkg/telemetry/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

namespace fairlead::telemetry {
namespace {

void Write(spdlog::level::level_enum level, std::string_view line) {
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

bool OncePerSecond::Ready(base::MonotonicTime now) {
  base::MonotonicTime next = next_.load(std::memory_order_relaxed);
  if (now < next) return false;
  return next_.compare_exchange_strong(next, now + std::chrono::seconds(1), std::memory_order_relaxed);
}

}  // namespace fairlead::telemetry
