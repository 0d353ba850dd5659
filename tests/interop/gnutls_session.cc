#include <gnutls/gnutls.h>

#include <algorithm>

#include "tests/interop/session.h"

namespace fairlead::interop {
namespace {

// GnuTLS's name of a suite's cipher.
std::string Priority(const std::string& suite) {
  std::string all = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
  if (suite == "TLS_AES_128_GCM_SHA256") all += ":-CIPHER-ALL:+AES-128-GCM";
  if (suite == "TLS_AES_256_GCM_SHA384") all += ":-CIPHER-ALL:+AES-256-GCM";
  if (suite == "TLS_CHACHA20_POLY1305_SHA256") all += ":-CIPHER-ALL:+CHACHA20-POLY1305";
  return all;
}

class GnuTlsSession final : public Session {
 public:
  GnuTlsSession(const Identity& identity, int fd) {
    gnutls_certificate_allocate_credentials(&credentials_);
    gnutls_init(&session_, identity.server ? GNUTLS_SERVER : GNUTLS_CLIENT);
    Check(gnutls_priority_set_direct(session_, Priority(identity.suite).c_str(), nullptr));
    if (identity.server) {
      Check(gnutls_certificate_set_x509_key_file(credentials_, identity.cert_file.c_str(),
                                                 identity.key_file.c_str(), GNUTLS_X509_FMT_PEM));
    } else {
      Check(gnutls_certificate_set_x509_trust_file(credentials_, identity.ca_file.c_str(),
                                                   GNUTLS_X509_FMT_PEM));
      Check(gnutls_server_name_set(session_, GNUTLS_NAME_DNS, identity.name.data(), identity.name.size()));
      gnutls_session_set_verify_cert(session_, identity.name.c_str(), 0);
    }
    Check(gnutls_credentials_set(session_, GNUTLS_CRD_CERTIFICATE, credentials_));
    gnutls_transport_set_int(session_, fd);
    gnutls_session_set_ptr(session_, this);
    gnutls_handshake_set_hook_function(session_, GNUTLS_HANDSHAKE_KEY_UPDATE, GNUTLS_HOOK_POST, &OnKeyUpdate);
  }
  ~GnuTlsSession() override {
    gnutls_deinit(session_);
    gnutls_certificate_free_credentials(credentials_);
  }

  Result Shake() override { return failed_ < 0 ? Result::kFailed : ToResult(gnutls_handshake(session_)); }
  Result Read(char* into, size_t room, size_t* size) override {
    const ssize_t got = gnutls_record_recv(session_, into, room);
    *size = static_cast<size_t>(std::max<ssize_t>(got, 0));
    return got == 0 ? Result::kEnded : ToResult(got);
  }
  Result Write(std::string_view bytes, size_t* taken) override {
    const ssize_t sent = gnutls_record_send(session_, bytes.data(), bytes.size());
    *taken = static_cast<size_t>(std::max<ssize_t>(sent, 0));
    return ToResult(sent);
  }
  Result UpdateKeys(bool ask) override {
    return ToResult(gnutls_session_key_update(session_, ask ? GNUTLS_KU_PEER : 0));
  }
  Result End() override { return ToResult(gnutls_bye(session_, GNUTLS_SHUT_WR)); }
  uint64_t updates_seen() const override { return updates_seen_; }
  std::string error() const override { return gnutls_strerror(failed_); }

 private:
  static int OnKeyUpdate(gnutls_session_t session, unsigned, unsigned, unsigned incoming,
                         const gnutls_datum_t*) {
    if (incoming != 0) ++static_cast<GnuTlsSession*>(gnutls_session_get_ptr(session))->updates_seen_;
    return 0;
  }
  void Check(int result) {
    if (result < 0 && failed_ == 0) failed_ = result;
  }
  Result ToResult(ssize_t result) {
    if (result >= 0) return Result::kDone;
    if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED) {
      return gnutls_record_get_direction(session_) == 0 ? Result::kWantsRead : Result::kWantsWrite;
    }
    failed_ = static_cast<int>(result);
    return Result::kFailed;
  }

  gnutls_certificate_credentials_t credentials_ = nullptr;
  gnutls_session_t session_ = nullptr;
  int failed_ = 0;
  uint64_t updates_seen_ = 0;
};

}  // namespace

std::unique_ptr<Session> NewGnuTlsSession(const Identity& identity, int fd) {
  return std::make_unique<GnuTlsSession>(identity, fd);
}

}  // namespace fairlead::interop
