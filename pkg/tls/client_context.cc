#include "pkg/tls/client_context.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "pkg/tls/certificate_parts.h"
#include "pkg/tls/context_defaults.h"
#include "pkg/tls/openssl_error.h"
#include "pkg/tls/openssl_layer.h"
#include "pkg/tls/peer_identity.h"
#include "pkg/tls/session_cache.h"
#include "pkg/tls/trust_store_parts.h"

namespace fairlead::tls {

struct ClientContext::Parts {
  Options options;
  std::string alpn;  // in wire form
  SslCtxPtr context;
  bool name_is_address = false;
  SessionCache sessions;

  absl::Status Build();
};

namespace {

ClientContext::Parts& PartsOf(const SSL* ssl) {
  return *static_cast<ClientContext::Parts*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

// Called for each certificate of a chain that is good so far; the backend's own comes last.
int CheckNames(int good, X509_STORE_CTX* verification) {
  if (good != 1 || X509_STORE_CTX_get_error_depth(verification) != 0) return good;
  const auto* ssl =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const std::vector<std::string>& names = PartsOf(ssl).options.subject_alt_names;
  if (names.empty() || CertificateNames(X509_STORE_CTX_get_current_cert(verification), names)) return 1;
  X509_STORE_CTX_set_error(verification, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

int KeepSession(SSL* ssl, SSL_SESSION* session) {
  const std::string_view key = OpenSslLayer::SessionKeyOf(ssl);
  if (key.empty()) return 0;
  PartsOf(ssl).sessions.Put(key, session);
  return 1;
}

bool IsAddress(const std::string& name) {
  ASN1_OCTET_STRING* const address = a2i_IPADDRESS(name.c_str());
  ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

}  // namespace

absl::Status ClientContext::Parts::Build() {
  auto made = NewContext(Side::kClient, options.compact_records);
  if (!made.ok()) return made.status();
  context = *std::move(made);
  SSL_CTX* raw = context.get();
  alpn = AlpnWireForm(options.alpn);
  name_is_address = IsAddress(options.server_name);
  SSL_CTX_set_app_data(raw, this);
  SSL_CTX_set1_cert_store(raw, options.authorities->parts().store.get());
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, CheckNames);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, KeepSession);
  // Unlike its neighbours, this one answers 0 when it has succeeded.
  if (SSL_CTX_set_alpn_protos(raw, reinterpret_cast<const unsigned char*>(alpn.data()),
                              static_cast<unsigned>(alpn.size())) != 0) {
    return absl::InvalidArgumentError("ALPN: " + TakeOpenSslError());
  }
  if (options.certificate != nullptr && !UseCertificate(raw, *options.certificate)) {
    return absl::InvalidArgumentError("the client certificate is refused: " + TakeOpenSslError());
  }
  return absl::OkStatus();
}

ClientContext::ClientContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ClientContext::~ClientContext() = default;

absl::StatusOr<std::shared_ptr<const ClientContext>> ClientContext::Make(const Options& options) {
  if (options.authorities == nullptr) return absl::InvalidArgumentError("authorities are needed");
  if (options.server_name.empty() && options.subject_alt_names.empty()) {
    return absl::InvalidArgumentError(
        "without a server name or subject alternative names any certificate of the authorities would do");
  }
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  if (absl::Status status = parts->Build(); !status.ok()) return status;
  return std::shared_ptr<const ClientContext>(new ClientContext(std::move(parts)));
}

SSL* ClientContext::NewConnection(std::string_view session_key) const {
  SSL* ssl = SSL_new(parts_->context.get());
  if (ssl == nullptr) return nullptr;
  const std::string& name = parts_->options.server_name;
  if (!name.empty() && !parts_->name_is_address) SSL_set_tlsext_host_name(ssl, name.c_str());
  if (parts_->options.subject_alt_names.empty()) {
    X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = parts_->name_is_address ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str())
                                            : X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size());
    if (set != 1) {
      SSL_free(ssl);
      return nullptr;
    }
  }
  if (const SessionPtr session{parts_->sessions.Take(session_key)}) SSL_set_session(ssl, session.get());
  return ssl;
}

const std::shared_ptr<const Certificate>& ClientContext::certificate() const {
  return parts_->options.certificate;
}

const TrustStore* ClientContext::authorities() const {
  return parts_->options.authorities.get();
}

bool ClientContext::compact_records() const {
  return parts_->options.compact_records;
}

}  // namespace fairlead::tls
