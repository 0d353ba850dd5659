#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "pkg/base/once_per_second.h"

namespace fairlead::telemetry {

// A file, or stdout, that lines are appended to. A line that cannot be written is lost and counted, and the
// process's log says why; the next one is tried again. One thread, but for lost().
class LineFile {
 public:
  // `path`: the file, made if need be, but not its directory; empty = stdout. A FIFO needs somebody who
  // reads.
  static absl::StatusOr<std::unique_ptr<LineFile>> Open(std::string path);
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();

  // `line` comes without its end. Blocks as long as the file does.
  void Write(std::string_view line);
  // Opens the path again; where that fails, goes on with what is open. Nothing for stdout.
  void Reopen();

  uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  LineFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  // 0, or the errno.
  int WriteBuffer();
  void Lost(int error);
  std::string Name() const;

  const std::string path_;
  int fd_;
  std::string buffer_;
  bool torn_ = false;     // the last line stands there in part
  bool failing_ = false;  // and it was told
  base::OncePerSecond limit_;
  std::atomic<uint64_t> lost_{0};
};

}  // namespace fairlead::telemetry
