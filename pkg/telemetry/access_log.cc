#include "pkg/telemetry/access_log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace fairlead::telemetry {

// A queue and its thread, not spdlog's global ones: the destructor joins, and the drops are this log's alone.
class AccessLog::Writer {
 public:
  Writer(spdlog::sink_ptr sink, size_t queued_lines)
      : Writer(std::move(sink), std::make_shared<spdlog::details::thread_pool>(queued_lines, 1)) {}

  void Write(std::string_view line) {
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  uint64_t dropped() const { return pool_->overrun_counter(); }

 private:
  Writer(spdlog::sink_ptr sink, std::shared_ptr<spdlog::details::thread_pool> pool)
      : logger_(std::make_shared<spdlog::async_logger>("access", std::move(sink), pool,
                                                       spdlog::async_overflow_policy::overrun_oldest)),
        pool_(std::move(pool)) {
    logger_->set_pattern("%v");
    logger_->flush_on(spdlog::level::info);
  }

  std::shared_ptr<spdlog::async_logger> logger_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;  // joined first: its thread uses the logger
};

absl::StatusOr<std::unique_ptr<AccessLog>> AccessLog::Open(const std::string& path, size_t queued_lines) {
  try {
    spdlog::sink_ptr sink;
    if (path.empty()) {
      sink = std::make_shared<spdlog::sinks::stdout_sink_st>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(path);
    }
    return std::unique_ptr<AccessLog>(new AccessLog(std::make_unique<Writer>(std::move(sink), queued_lines)));
  } catch (const spdlog::spdlog_ex& error) {
    return absl::UnavailableError(absl::StrCat("access log: ", error.what()));
  }
}

AccessLog::AccessLog(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
AccessLog::~AccessLog() = default;

void AccessLog::Opened(base::WallTime now, const Handshake& handshake, const Place& place) {
  writer_->Write(FormatAccessLine(AccessEvent::kOpen, now, handshake, place, Outcome()));
}

void AccessLog::Ended(base::WallTime now, const Handshake& handshake, const Place& place,
                      const Outcome& outcome) {
  writer_->Write(FormatAccessLine(AccessEvent::kEnd, now, handshake, place, outcome));
}

uint64_t AccessLog::dropped() const {
  return writer_->dropped();
}

}  // namespace fairlead::telemetry
