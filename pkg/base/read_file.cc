#include "pkg/base/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fairlead::base {
namespace {

absl::Status ReadAll(int fd, size_t max_bytes, std::string* text) {
  struct stat found {};
  if (::fstat(fd, &found) != 0) return absl::UnavailableError(std::strerror(errno));
  if (S_ISDIR(found.st_mode)) return absl::FailedPreconditionError(std::strerror(EISDIR));
  if (!S_ISREG(found.st_mode)) return absl::FailedPreconditionError("it is no regular file");
  // A byte more than there should be: some files (/proc) tell no size, and others grow.
  text->resize(static_cast<size_t>(found.st_size) + 1);
  size_t size = 0;
  while (true) {
    const ssize_t count = ::read(fd, text->data() + size, text->size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::UnavailableError(std::strerror(errno));
    if (count == 0) break;
    size += static_cast<size_t>(count);
    if (size > max_bytes) return absl::OutOfRangeError(fmt::format("it is larger than {} bytes", max_bytes));
    if (size == text->size()) text->resize(size * 2);
  }
  text->resize(size);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return absl::NotFoundError(std::strerror(errno));
  std::string text;
  const absl::Status status = ReadAll(fd, max_bytes, &text);
  ::close(fd);
  if (!status.ok()) return status;
  return text;
}

}  // namespace fairlead::base
