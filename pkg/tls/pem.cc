#include "pkg/tls/pem.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "pkg/base/read_file.h"

namespace fairlead::tls {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

}  // namespace

Pem::~Pem() {
  OPENSSL_cleanse(text.data(), text.size());
}

absl::StatusOr<Pem> ReadPemFile(const std::string& path) {
  absl::StatusOr<std::string> text = base::ReadFile(path, kMaxBytes);
  if (text.ok()) return Pem{.name = path, .text = *std::move(text)};
  return absl::Status(text.status().code(),
                      fmt::format("{}: {}", path, std::string(text.status().message())));
}

}  // namespace fairlead::tls
