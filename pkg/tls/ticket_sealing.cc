#include "pkg/tls/ticket_sealing.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

namespace fairlead::tls {
namespace {

constexpr int kError = -1;
constexpr int kUnknownKey = 0;  // a full handshake follows
constexpr int kSealed = 1;
constexpr int kOpenedAndRenewed = 2;
constexpr size_t kIvBytes = 16;

bool SetMac(EVP_MAC_CTX* mac, TicketKeys::Key& key) {
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(mac, params) == 1;
}

}  // namespace

int PrepareTicket(TicketKeys& keys, SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                  EVP_MAC_CTX* mac, bool sealing) {
  if (sealing) {
    TicketKeys::Key key = keys.Current();
    std::copy(key.name.begin(), key.name.end(), name);
    const bool ready = RAND_bytes(iv, kIvBytes) == 1 &&
                       EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key.cipher.data(), iv, nullptr) == 1 &&
                       SetMac(mac, key);
    OPENSSL_cleanse(&key, sizeof(key));
    return ready ? kSealed : kError;
  }
  std::optional<TicketKeys::Key> key = keys.Find(name);
  if (!key) return kUnknownKey;
  const bool ready = EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher.data(), iv, nullptr) == 1 &&
                     SetMac(mac, *key);
  OPENSSL_cleanse(&*key, sizeof(*key));
  if (!ready) return kError;
  // A TLS 1.3 client uses a ticket once, so that it needs the next one (RFC 8446 appendix C.4).
  return SSL_version(ssl) == TLS1_3_VERSION ? kOpenedAndRenewed : kSealed;
}

}  // namespace fairlead::tls
