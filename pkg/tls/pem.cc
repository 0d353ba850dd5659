#include "pkg/tls/pem.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace fairlead::tls {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

absl::StatusOr<Pem> ReadPemFile(const std::string& path) {
  // A pipe would make whoever opens it wait for a writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return absl::NotFoundError(fmt::format("{}: {}", path, std::strerror(errno)));
  const std::unique_ptr<std::FILE, Closer> file(::fdopen(fd, "rb"));
  struct stat found {};
  if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{}: is no regular file", path));
  }
  Pem pem{.name = path, .text = std::string(kMaxBytes + 1, '\0')};
  const size_t size = std::fread(pem.text.data(), 1, pem.text.size(), file.get());
  if (std::ferror(file.get()) != 0) {
    return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  if (size > kMaxBytes) return absl::InvalidArgumentError(fmt::format("{}: larger than 1 MiB", path));
  pem.text.resize(size);
  pem.text.shrink_to_fit();
  return pem;
}

}  // namespace fairlead::tls
