#include "pkg/tls/server_context.h"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include "pkg/tls/certificate_groups.h"
#include "pkg/tls/certificate_parts.h"
#include "pkg/tls/context_defaults.h"
#include "pkg/tls/openssl_error.h"
#include "pkg/tls/ticket_sealing.h"
#include "pkg/tls/trust_store_parts.h"

namespace fairlead::tls {

struct ServerContext::Parts {
  Options options;
  std::string alpn;  // in wire form
  std::map<CertificateGroup, SslCtxPtr> contexts;
  SSL_CTX* standard = nullptr;
  std::map<std::string, SSL_CTX*, std::less<>> by_name;

  absl::Status Build();
  absl::StatusOr<SSL_CTX*> ContextFor(const CertificateGroup& group);
  absl::Status AskForCertificates(SSL_CTX* context) const;
  void SetCallbacks(SSL_CTX* context);
};

namespace {

ServerContext::Parts& PartsOf(const SSL* ssl) {
  return *static_cast<ServerContext::Parts*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

int ChooseByName(SSL* ssl, int*, void*) {
  const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (asked == nullptr) return SSL_TLSEXT_ERR_OK;
  std::string name(asked);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto& by_name = PartsOf(ssl).by_name;
  auto found = by_name.find(name);
  if (found == by_name.end()) found = by_name.find(WildcardOf(name));
  if (found != by_name.end()) SSL_set_SSL_CTX(ssl, found->second);
  return SSL_TLSEXT_ERR_OK;
}

int ChooseProtocol(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                   unsigned offered_size, void*) {
  const std::string& ours = PartsOf(ssl).alpn;
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned>(ours.size()), offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int TicketKey(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
              int sealing) {
  return PrepareTicket(*PartsOf(ssl).options.ticket_keys, ssl, name, iv, cipher, mac, sealing == 1);
}

}  // namespace

absl::Status ServerContext::Parts::Build() {
  const CertificateGroups groups = GroupCertificates(options.certificates);
  alpn = AlpnWireForm(options.alpn);
  auto first = ContextFor(groups.standard);
  if (!first.ok()) return first.status();
  standard = *first;
  for (const auto& [name, group] : groups.by_name) {
    auto context = ContextFor(group);
    if (!context.ok()) return context.status();
    by_name.emplace(name, *context);
  }
  return absl::OkStatus();
}

absl::StatusOr<SSL_CTX*> ServerContext::Parts::ContextFor(const CertificateGroup& group) {
  if (const auto made = contexts.find(group); made != contexts.end()) return made->second.get();
  auto context = NewContext(Side::kServer, options.compact_records);
  if (!context.ok()) return context.status();
  if (options.only_tls13) SSL_CTX_set_min_proto_version(context->get(), TLS1_3_VERSION);
  for (const Certificate* certificate : group) {
    if (certificate != nullptr && !UseCertificate(context->get(), *certificate)) {
      const auto& names = certificate->names();
      return absl::InvalidArgumentError(fmt::format("the certificate for {} is refused: {}",
                                                    names.empty() ? "no name" : names.front(),
                                                    TakeOpenSslError()));
    }
  }
  if (absl::Status status = AskForCertificates(context->get()); !status.ok()) return status;
  SetCallbacks(context->get());
  return contexts.emplace(group, *std::move(context)).first->second.get();
}

absl::Status ServerContext::Parts::AskForCertificates(SSL_CTX* context) const {
  // A session is resumed only where the same authorities were asked for in the same way.
  std::string id(1, static_cast<char>(options.client_certificates));
  if (options.client_certificates != ClientCertificates::kNone) {
    const TrustStore& trust = *options.client_authorities;
    id.append(trust.id().begin(), trust.id().end());
    SSL_CTX_set1_cert_store(context, trust.parts().store.get());
    for (const X509Ptr& authority : trust.parts().authorities)
      SSL_CTX_add_client_CA(context, authority.get());
    const bool required = options.client_certificates == ClientCertificates::kRequired;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  }
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(id.data()), id.size(), digest.data());
  if (SSL_CTX_set_session_id_context(context, digest.data(), digest.size()) != 1) {
    return absl::InternalError(TakeOpenSslError());
  }
  return absl::OkStatus();
}

void ServerContext::Parts::SetCallbacks(SSL_CTX* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_tlsext_servername_callback(context, ChooseByName);
  if (!alpn.empty()) SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets keep sessions, at the client's
  if (options.ticket_keys == nullptr) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    return;
  }
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, TicketKey);
  SSL_CTX_set_timeout(context, std::chrono::seconds(TicketKeys::kInterval.count() / 1000).count());
  // One is what a tunnel needs to come back with: a browser that opens several connections at once shakes
  // hands fully for the others.
  SSL_CTX_set_num_tickets(context, 1);
}

ServerContext::ServerContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ServerContext::~ServerContext() = default;

absl::StatusOr<std::shared_ptr<const ServerContext>> ServerContext::Make(const Options& options) {
  if (options.certificates.empty()) return absl::InvalidArgumentError("at least one certificate is needed");
  if (options.client_certificates != ClientCertificates::kNone && options.client_authorities == nullptr) {
    return absl::InvalidArgumentError("client certificates need authorities to verify them against");
  }
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  if (absl::Status status = parts->Build(); !status.ok()) return status;
  return std::shared_ptr<const ServerContext>(new ServerContext(std::move(parts)));
}

const std::vector<std::shared_ptr<const Certificate>>& ServerContext::certificates() const {
  return parts_->options.certificates;
}

const TrustStore* ServerContext::authorities() const {
  return parts_->options.client_authorities.get();
}

base::WallTime ServerContext::expires() const {
  base::WallTime first = base::WallTime::max();
  for (const auto& certificate : parts_->options.certificates)
    first = std::min(first, certificate->expires());
  return first;
}

SSL* ServerContext::NewConnection() const {
  return SSL_new(parts_->standard);
}

bool ServerContext::compact_records() const {
  return parts_->options.compact_records;
}

}  // namespace fairlead::tls
