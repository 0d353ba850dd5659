#include "pkg/tls/hkdf.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "pkg/tls/openssl_error.h"
#include "pkg/tls/openssl_ptr.h"

namespace fairlead::tls {
namespace {

constexpr std::string_view kPrefix = "tls13 ";
// Of SHA-256 and of SHA-384 (FIPS 180-4).
constexpr size_t kMinBlockBytes = 64;
constexpr size_t kMaxBlockBytes = 128;

class Digest {
 public:
  explicit Digest(const char* name)
      : digest_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {
    Require(digest_ != nullptr && context_ != nullptr);
  }

  void Begin() { Require(EVP_DigestInit_ex(context_.get(), digest_.get(), nullptr)); }
  void Add(std::span<const uint8_t> bytes) {
    Require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
  }
  void End(uint8_t* out) { Require(EVP_DigestFinal_ex(context_.get(), out, nullptr)); }

 private:
  DigestPtr digest_;
  DigestCtxPtr context_;
};

// Of the thread, and not of a Workspace: the calls of a provider have none at hand.
Digest& DigestOf(Hash hash) {
  static thread_local Digest sha256("SHA2-256");
  static thread_local Digest sha384("SHA2-384");
  return hash == Hash::kSha384 ? sha384 : sha256;
}

// HMAC (RFC 2104) of a message that comes in parts. One at a time for a thread and hash, whose digest it
// uses.
class Hmac {
 public:
  Hmac(Hash hash, std::span<const uint8_t> key)
      : digest_(DigestOf(hash)),
        hash_bytes_(HashBytes(hash)),
        block_bytes_(hash == Hash::kSha384 ? kMaxBlockBytes : kMinBlockBytes) {
    assert(key.size() <= kMinBlockBytes);
    std::copy(key.begin(), key.end(), key_.begin());
    BeginWith(0x36);
  }
  ~Hmac() { OPENSSL_cleanse(key_.data(), key_.size()); }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  Hmac& Add(std::span<const uint8_t> bytes) {
    digest_.Add(bytes);
    return *this;
  }
  void End(uint8_t* out) {
    digest_.End(out);
    BeginWith(0x5c);
    digest_.Add({out, hash_bytes_});
    digest_.End(out);
    digest_.Begin();  // it would hold what it has put out
  }

 private:
  void BeginWith(uint8_t pad) {
    std::array<uint8_t, kMaxBlockBytes> block;
    std::transform(key_.begin(), key_.end(), block.begin(), [pad](uint8_t byte) { return byte ^ pad; });
    digest_.Begin();
    digest_.Add({block.data(), block_bytes_});
    OPENSSL_cleanse(block.data(), block.size());
  }

  Digest& digest_;
  const size_t hash_bytes_;
  const size_t block_bytes_;
  std::array<uint8_t, kMaxBlockBytes> key_{};
};

}  // namespace

size_t HashBytes(Hash hash) {
  return hash == Hash::kSha384 ? 48 : 32;
}

void HkdfExtract(Hash hash, std::span<const uint8_t> salt, std::span<const uint8_t> ikm, uint8_t* out) {
  Hmac(hash, salt).Add(ikm).End(out);
}

void HkdfExpandLabel(Hash hash, std::span<const uint8_t> secret, std::string_view label,
                     std::span<const uint8_t> context, std::span<uint8_t> out) {
  assert(label.size() <= kMaxLabelBytes && context.size() <= kMaxContextBytes);
  std::array<uint8_t, 2 + 1 + kPrefix.size() + kMaxLabelBytes + 1 + kMaxContextBytes> info;
  uint8_t* at = info.data();
  *at++ = static_cast<uint8_t>(out.size() >> 8);
  *at++ = static_cast<uint8_t>(out.size());
  *at++ = static_cast<uint8_t>(kPrefix.size() + label.size());
  at = std::copy(kPrefix.begin(), kPrefix.end(), at);
  at = std::copy(label.begin(), label.end(), at);
  *at++ = static_cast<uint8_t>(context.size());
  at = std::copy(context.begin(), context.end(), at);

  std::array<uint8_t, kMaxHashBytes> block;
  std::span<const uint8_t> before;
  for (uint8_t number = 1; !out.empty(); ++number) {
    Hmac(hash, secret).Add(before).Add({info.data(), at}).Add({&number, 1}).End(block.data());
    before = {block.data(), HashBytes(hash)};
    const size_t count = std::min(out.size(), before.size());
    std::copy_n(block.begin(), count, out.begin());
    out = out.subspan(count);
  }
  OPENSSL_cleanse(block.data(), block.size());
}

}  // namespace fairlead::tls
