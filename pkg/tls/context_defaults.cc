#include "pkg/tls/context_defaults.h"

#include "pkg/tls/key_schedule.h"
#include "pkg/tls/openssl_error.h"

namespace fairlead::tls {
namespace {

// AES-128 first: it is enough, and the cheapest. Clients without AES hardware put ChaCha20 first, and get it
// (SSL_OP_PRIORITIZE_CHACHA).
constexpr char kSuites13[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr char kSuites12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kGroups[] = "X25519:P-256:P-384";
constexpr int kSecurityLevel = 2;  // 112 bits: no SHA-1, no RSA below 2048

}  // namespace

absl::StatusOr<SslCtxPtr> NewContext(Side side, bool compact_records) {
  const char* query = compact_records ? LoadKeySchedule() : nullptr;
  if (compact_records && query == nullptr) {
    return absl::InternalError("OpenSSL does not take the provider of TLS 1.3's key schedule: " +
                               TakeOpenSslError());
  }
  SslCtxPtr context(
      SSL_CTX_new_ex(nullptr, query, side == Side::kServer ? TLS_server_method() : TLS_client_method()));
  SSL_CTX* raw = context.get();
  const bool configured = raw != nullptr && SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
                          SSL_CTX_set_ciphersuites(raw, kSuites13) == 1 &&
                          SSL_CTX_set_cipher_list(raw, kSuites12) == 1 &&
                          SSL_CTX_set1_groups_list(raw, kGroups) == 1;
  if (!configured) return absl::InternalError("OpenSSL lacks what is needed: " + TakeOpenSslError());
  SSL_CTX_set_security_level(raw, kSecurityLevel);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA);
  // No chain but the one that was loaded: OpenSSL would look for one at each handshake, among the authorities
  // that clients are verified against.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_max_early_data(raw, 0);
  return context;
}

std::string AlpnWireForm(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    wire.push_back(static_cast<char>(protocol.size()));
    wire.append(protocol);
  }
  return wire;
}

}  // namespace fairlead::tls
