#include "pkg/telemetry/access_log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>

#include <atomic>
#include <string_view>
#include <utility>

#include "pkg/telemetry/line_file.h"

namespace fairlead::telemetry {

namespace {

// On the thread of the log.
class LineSink final : public spdlog::sinks::sink {
 public:
  explicit LineSink(std::unique_ptr<LineFile> file) : file_(std::move(file)) {}

  void AskToReopen() { reopen_.store(true, std::memory_order_relaxed); }
  uint64_t lost() const { return file_->lost(); }

  void log(const spdlog::details::log_msg& message) override {
    ReopenIfAsked();
    file_->Write({message.payload.data(), message.payload.size()});
  }
  void flush() override { ReopenIfAsked(); }
  // The payload is the line.
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  void ReopenIfAsked() {
    if (reopen_.exchange(false, std::memory_order_relaxed)) file_->Reopen();
  }

  const std::unique_ptr<LineFile> file_;
  std::atomic<bool> reopen_{false};
};

}  // namespace

// A queue and its thread, not spdlog's global ones: the destructor joins, and the drops are this log's alone.
class AccessLog::Writer {
 public:
  Writer(std::unique_ptr<LineFile> file, size_t queued_lines)
      : sink_(std::make_shared<LineSink>(std::move(file))),
        pool_(std::make_shared<spdlog::details::thread_pool>(queued_lines, 1)),
        logger_(std::make_shared<spdlog::async_logger>("access", sink_, pool_,
                                                       spdlog::async_overflow_policy::overrun_oldest)) {}
  // The pool's thread uses the logger until it is joined.
  ~Writer() { pool_.reset(); }

  void Write(std::string_view line) {
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  void Reopen() {
    sink_->AskToReopen();
    logger_->flush();  // wakes the thread; should a full queue drop this, the next line does it
  }

  uint64_t dropped() const { return pool_->overrun_counter() + sink_->lost(); }

 private:
  const std::shared_ptr<LineSink> sink_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  const std::shared_ptr<spdlog::async_logger> logger_;
};

absl::StatusOr<std::unique_ptr<AccessLog>> AccessLog::Open(const std::string& path, size_t queued_lines) {
  absl::StatusOr<std::unique_ptr<LineFile>> file = LineFile::Open(path);
  if (!file.ok()) return file.status();
  return std::unique_ptr<AccessLog>(new AccessLog(std::make_unique<Writer>(*std::move(file), queued_lines)));
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

void AccessLog::Reopen() {
  writer_->Reopen();
}

uint64_t AccessLog::dropped() const {
  return writer_->dropped();
}

}  // namespace fairlead::telemetry
