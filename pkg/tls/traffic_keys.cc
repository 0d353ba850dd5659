#include "pkg/tls/traffic_keys.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cassert>

namespace fairlead::tls {
namespace {

Hash HashOf(Suite suite) {
  return suite == Suite::kAes256GcmSha384 ? Hash::kSha384 : Hash::kSha256;
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
  return HashBytes(HashOf(suite));
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
  HkdfExpandLabel(HashOf(suite_), secret, "key", {}, std::span(key_.data(), KeyBytes(suite_)));
  HkdfExpandLabel(HashOf(suite_), secret, "iv", {}, iv_);
}

void TrafficKeys::Update() {
  const std::span<uint8_t> secret(secret_.data(), SecretBytes(suite_));
  HkdfExpandLabel(HashOf(suite_), secret, "traffic upd", {}, secret);
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
