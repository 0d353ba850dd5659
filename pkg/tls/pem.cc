#include "pkg/tls/pem.h"

#include <fmt/format.h>

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
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return absl::NotFoundError(fmt::format("{}: {}", path, std::strerror(errno)));
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
