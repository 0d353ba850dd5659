#include "pkg/config/secret.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <cstring>

namespace fairlead::config {

Secret::Secret(std::string_view text)
    : text_(new std::string(text), [](std::string* wiped) {
        ::explicit_bzero(wiped->data(), wiped->size());
        delete wiped;
      }) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  for (const unsigned char byte : digest) sha256_ += fmt::format("{:02x}", byte);
}

Secret Secret::OfHash(std::string_view sha256) {
  Secret secret;
  secret.sha256_ = sha256;
  return secret;
}

}  // namespace fairlead::config
