#include "pkg/tls/traffic_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <string_view>

namespace fairlead::tls {
namespace {

const EVP_MD* HashOf(Suite suite) {
  return suite == Suite::kAes256GcmSha384 ? EVP_sha384() : EVP_sha256();
}

// HKDF-Expand-Label with an empty context (RFC 8446 §7.1). All that TLS asks for here fits into one block of
// the hash, so that HKDF-Expand (RFC 5869 §2.3) is a single HMAC.
void ExpandLabel(Suite suite, std::span<const uint8_t> secret, std::string_view label,
                 std::span<uint8_t> out) {
  constexpr std::string_view kPrefix = "tls13 ";
  std::array<uint8_t, 40> info;
  uint8_t* at = info.data();
  *at++ = 0;
  *at++ = static_cast<uint8_t>(out.size());
  *at++ = static_cast<uint8_t>(kPrefix.size() + label.size());
  at = std::copy(kPrefix.begin(), kPrefix.end(), at);
  at = std::copy(label.begin(), label.end(), at);
  *at++ = 0;  // the context's length
  *at++ = 1;  // the block's number

  std::array<uint8_t, EVP_MAX_MD_SIZE> block;
  assert(out.size() <= SecretBytes(suite));
  if (HMAC(HashOf(suite), secret.data(), static_cast<int>(secret.size()), info.data(), at - info.data(),
           block.data(), nullptr) == nullptr) {
    std::abort();  // no memory, or no such hash
  }
  std::copy_n(block.begin(), out.size(), out.begin());
  OPENSSL_cleanse(block.data(), block.size());
}

}  // namespace

std::optional<Suite> SuiteOf(uint16_t id) {
  switch (id) {
    case 0x1301:
      return Suite::kAes128GcmSha256;
    case 0x1302:
      return Suite::kAes256GcmSha384;
    case 0x1303:
      return Suite::kChaCha20Poly1305Sha256;
    default:
      return std::nullopt;
  }
}

size_t SecretBytes(Suite suite) {
  return suite == Suite::kAes256GcmSha384 ? 48 : 32;
}

size_t KeyBytes(Suite suite) {
  return suite == Suite::kAes128GcmSha256 ? 16 : 32;
}

TrafficKeys::TrafficKeys(Suite suite, std::span<const uint8_t> secret, uint64_t number)
    : suite_(suite), number_(number) {
  assert(secret.size() == SecretBytes(suite));
  std::copy(secret.begin(), secret.end(), secret_.begin());
  DeriveKeys();
}

TrafficKeys::~TrafficKeys() {
  OPENSSL_cleanse(secret_.data(), secret_.size());
  OPENSSL_cleanse(key_.data(), key_.size());
  OPENSSL_cleanse(iv_.data(), iv_.size());
}

void TrafficKeys::DeriveKeys() {
  const std::span<const uint8_t> secret(secret_.data(), SecretBytes(suite_));
  ExpandLabel(suite_, secret, "key", std::span(key_.data(), KeyBytes(suite_)));
  ExpandLabel(suite_, secret, "iv", iv_);
}

void TrafficKeys::Update() {
  const std::span<uint8_t> secret(secret_.data(), SecretBytes(suite_));
  ExpandLabel(suite_, secret, "traffic upd", secret);
  DeriveKeys();
  number_ = 0;
}

std::array<uint8_t, kNonceBytes> TrafficKeys::TakeNonce() {
  std::array<uint8_t, kNonceBytes> nonce = iv_;
  for (size_t i = 0; i < sizeof(number_); ++i) {
    nonce[kNonceBytes - 1 - i] ^= static_cast<uint8_t>(number_ >> (8 * i));
  }
  ++number_;
  return nonce;
}

}  // namespace fairlead::tls
