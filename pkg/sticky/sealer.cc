#include "pkg/sticky/sealer.h"

#include <openssl/evp.h>

#include <algorithm>

#include "pkg/sticky/base64url.h"

namespace fairlead::sticky {
namespace {

constexpr size_t kTagBytes = 16;
constexpr size_t kMaxLabelBytes = 128;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// Ready for what is sealed for a cluster; null where the library fails.
Context Begin(const EVP_CIPHER* cipher, const unsigned char* key, bool seal) {
  Context context(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || !context) return nullptr;
  if (EVP_CipherInit_ex2(context.get(), cipher, key, nullptr, seal ? 1 : 0, nullptr) != 1) return nullptr;
  return context;
}

bool Authenticate(EVP_CIPHER_CTX* context, std::string_view cluster) {
  int size = 0;
  return EVP_CipherUpdate(context, nullptr, &size, Bytes(cluster), static_cast<int>(cluster.size())) == 1;
}

}  // namespace

Sealer::Sealer(std::string_view secret)
    : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr), EVP_CIPHER_free) {
  unsigned int size = 0;
  EVP_Digest(secret.data(), secret.size(), key_.data(), &size, EVP_sha512(), nullptr);
}

std::string Sealer::Seal(std::string_view cluster, std::string_view label) const {
  if (label.empty() || label.size() > kMaxLabelBytes) return {};
  const Context context = Begin(cipher_.get(), key_.data(), true);
  if (!context || !Authenticate(context.get(), cluster)) return {};
  std::string sealed(kTagBytes + label.size(), '\0');
  unsigned char* const out = Bytes(sealed);
  int size = 0;
  if (EVP_CipherUpdate(context.get(), out + kTagBytes, &size, Bytes(label), static_cast<int>(label.size())) !=
          1 ||
      EVP_CipherFinal_ex(context.get(), out + kTagBytes + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, out) != 1) {
    return {};
  }
  return ToBase64Url(sealed);
}

std::optional<std::string> Sealer::Open(std::string_view cluster, std::string_view value) const {
  if (value.size() > kMaxValueBytes) return std::nullopt;
  std::optional<std::string> sealed = FromBase64Url(value);
  if (!sealed || sealed->size() <= kTagBytes || sealed->size() > kTagBytes + kMaxLabelBytes)
    return std::nullopt;
  const Context context = Begin(cipher_.get(), key_.data(), false);
  std::string label(sealed->size() - kTagBytes, '\0');
  int size = 0;
  if (!context || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, Bytes(*sealed)) != 1 ||
      !Authenticate(context.get(), cluster) ||
      EVP_CipherUpdate(context.get(), Bytes(label), &size, Bytes(*sealed) + kTagBytes,
                       static_cast<int>(label.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), Bytes(label) + size, &size) != 1) {
    return std::nullopt;
  }
  return label;
}

}  // namespace fairlead::sticky
