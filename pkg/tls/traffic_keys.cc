#include "pkg/tls/traffic_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "pkg/tls/openssl_ptr.h"

namespace fairlead::tls {
namespace {

// HKDF-Expand-Label (RFC 8446 §7.1) of one secret, with an empty context. All that TLS asks for here fits
// into one block of the hash, so that HKDF-Expand (RFC 5869 §2.3) is a single HMAC. The secret is set up once
// for all labels: with HMAC(), which looks the algorithm up as well, this took three times as long.
class Expander {
 public:
  Expander(Suite suite, std::span<const uint8_t> secret)
      : mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)), context_(EVP_MAC_CTX_new(mac_.get())) {
    std::string hash = suite == Suite::kAes256GcmSha384 ? "SHA384" : "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", hash.data(), hash.size()),
                                     OSSL_PARAM_construct_end()};
    Require(EVP_MAC_init(context_.get(), secret.data(), secret.size(), parameters));
  }

  void Expand(std::string_view label, std::span<uint8_t> out) {
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
    size_t size = 0;
    Require(EVP_MAC_update(context_.get(), info.data(), at - info.data()));
    Require(EVP_MAC_final(context_.get(), block.data(), &size, block.size()));
    assert(out.size() <= size);
    std::copy_n(block.begin(), out.size(), out.begin());
    OPENSSL_cleanse(block.data(), block.size());
    Require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr));  // the same secret, for the next label
  }

 private:
  // Fails only where there is no memory, or no such hash.
  static void Require(int done) {
    if (done != 1) std::abort();
  }

  std::unique_ptr<EVP_MAC, OpenSslFree<&EVP_MAC_free>> mac_;
  std::unique_ptr<EVP_MAC_CTX, OpenSslFree<&EVP_MAC_CTX_free>> context_;
};

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
  Expander expander(suite_, secret);
  expander.Expand("key", std::span(key_.data(), KeyBytes(suite_)));
  expander.Expand("iv", iv_);
}

void TrafficKeys::Update() {
  const std::span<uint8_t> secret(secret_.data(), SecretBytes(suite_));
  Expander(suite_, secret).Expand("traffic upd", secret);
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
