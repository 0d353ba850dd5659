#include "pkg/tls/record_crypto.h"

#include <openssl/crypto.h>

#include <cassert>
#include <cstdlib>

#include "pkg/tls/openssl_error.h"
#include "pkg/tls/openssl_ptr.h"
#include "pkg/tls/record.h"

namespace fairlead::tls {
namespace {

const char* NameOf(Suite suite) {
  switch (suite) {
    case Suite::kAes128GcmSha256:
      return "AES-128-GCM";
    case Suite::kAes256GcmSha384:
      return "AES-256-GCM";
    case Suite::kChaCha20Poly1305Sha256:
      return "ChaCha20-Poly1305";
  }
  std::abort();
}

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

struct RecordCrypto::Slot {
  // Tries the cipher, so that what fails later is our own fault.
  Slot(Suite suite, bool sealing)
      : cipher(EVP_CIPHER_fetch(nullptr, NameOf(suite), nullptr)), context(EVP_CIPHER_CTX_new()) {
    Require(cipher != nullptr && context != nullptr);
    Require(EVP_CipherInit_ex(context.get(), cipher.get(), nullptr, nullptr, nullptr, sealing ? 1 : 0));
  }
  ~Slot() { OPENSSL_cleanse(loaded.data(), loaded.size()); }

  CipherPtr cipher;
  CipherCtxPtr context;
  // The key that the context has. Setting it up costs as much as sealing a small record.
  std::array<uint8_t, kMaxKeyBytes> loaded{};
  bool has_key = false;
};

RecordCrypto::RecordCrypto() = default;
RecordCrypto::~RecordCrypto() = default;

RecordCrypto::Slot& RecordCrypto::Ready(TrafficKeys& keys, bool sealing) {
  std::unique_ptr<Slot>& slot = slots_[2 * static_cast<size_t>(keys.suite()) + (sealing ? 1 : 0)];
  if (!slot) slot = std::make_unique<Slot>(keys.suite(), sealing);
  const std::array<uint8_t, kNonceBytes> nonce = keys.TakeNonce();
  const bool same = slot->has_key && CRYPTO_memcmp(slot->loaded.data(), keys.key().data(), kMaxKeyBytes) == 0;
  Require(EVP_CipherInit_ex(slot->context.get(), nullptr, nullptr, same ? nullptr : keys.key().data(),
                            nonce.data(), -1));
  if (!same) slot->loaded = keys.key();
  slot->has_key = true;
  return *slot;
}

void RecordCrypto::Seal(TrafficKeys& keys, const uint8_t* header, std::string_view content, uint8_t type,
                        uint8_t* out) {
  EVP_CIPHER_CTX* context = Ready(keys, true).context.get();
  int length = 0;
  Require(EVP_EncryptUpdate(context, nullptr, &length, header, kHeaderBytes));
  if (!content.empty()) {
    Require(EVP_EncryptUpdate(context, out, &length, Bytes(content), static_cast<int>(content.size())));
    out += length;
  }
  Require(EVP_EncryptUpdate(context, out, &length, &type, 1));
  out += length;
  Require(EVP_EncryptFinal_ex(context, out, &length));
  Require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, out));
}

bool RecordCrypto::Open(TrafficKeys& keys, const uint8_t* header, std::string_view sealed, uint8_t* out) {
  if (sealed.size() < kTagBytes) return false;
  EVP_CIPHER_CTX* context = Ready(keys, false).context.get();
  const size_t size = sealed.size() - kTagBytes;
  auto* tag = const_cast<uint8_t*>(Bytes(sealed)) + size;  // the interface is not const; it is only read
  int length = 0;
  Require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag));
  Require(EVP_DecryptUpdate(context, nullptr, &length, header, kHeaderBytes));
  if (size > 0) Require(EVP_DecryptUpdate(context, out, &length, Bytes(sealed), static_cast<int>(size)));
  return EVP_DecryptFinal_ex(context, out + size, &length) == 1;
}

}  // namespace fairlead::tls
