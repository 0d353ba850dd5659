#include "pkg/telemetry/line_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "pkg/telemetry/log.h"

namespace fairlead::telemetry {
namespace {

std::string Words(int error) {
  return std::system_category().message(error);
}

// The descriptor, or a negative errno.
int OpenToAppend(const std::string& path) {
  // Non-blocking only while it opens: a FIFO that nobody reads must be an error, not a hang.
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
  if (fd < 0) return -errno;
  ::fcntl(fd, F_SETFL, O_APPEND);
  return fd;
}

std::string CannotOpen(const std::string& path, int error) {
  return fmt::format(
      "access_log.path: \"{}\" cannot be opened ({}), name a file that may be written to, in a directory "
      "that exists",
      path, Words(error));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LineFile>> LineFile::Open(std::string path) {
  const int fd = path.empty() ? STDOUT_FILENO : OpenToAppend(path);
  if (fd < 0) return absl::UnavailableError(CannotOpen(path, -fd));
  return std::unique_ptr<LineFile>(new LineFile(std::move(path), fd));
}

LineFile::~LineFile() {
  if (!path_.empty()) ::close(fd_);
}

void LineFile::Reopen() {
  if (path_.empty()) return;
  const int fd = OpenToAppend(path_);
  if (fd < 0) {
    LogError(fmt::format("{}; the file that is open stays in use", CannotOpen(path_, -fd)));
    return;
  }
  ::close(std::exchange(fd_, fd));
  torn_ = false;
}

void LineFile::Write(std::string_view line) {
  buffer_.clear();
  if (torn_) buffer_.push_back('\n');
  buffer_.append(line).push_back('\n');
  if (const int error = WriteBuffer(); error != 0) return Lost(error);
  torn_ = false;
  if (!std::exchange(failing_, false)) return;
  LogInfo(fmt::format("access log: {} takes lines again; {} were lost so far", Name(), lost()));
}

int LineFile::WriteBuffer() {
  size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t count = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (count >= 0) {
      done += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};  // whoever gave us stdout made it non-blocking
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      const int error = errno;
      if (done > 0) torn_ = buffer_[done - 1] != '\n';
      return error;
    }
  }
  return 0;
}

void LineFile::Lost(int error) {
  lost_.fetch_add(1, std::memory_order_relaxed);
  if (failing_ || !limit_.Ready(std::chrono::steady_clock::now())) return;
  failing_ = true;
  LogError(
      fmt::format("access log: {} cannot be written to: {}; fairlead_access_log_dropped_total counts the "
                  "lines that are lost",
                  Name(), Words(error)));
}

std::string LineFile::Name() const {
  return path_.empty() ? "stdout" : path_;
}

}  // namespace fairlead::telemetry
