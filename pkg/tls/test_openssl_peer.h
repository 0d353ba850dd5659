#pragma once

#include <openssl/err.h>

#include <optional>
#include <string>
#include <string_view>

#include "pkg/tls/certificate_parts.h"
#include "pkg/tls/openssl_ptr.h"
#include "pkg/tls/post_handshake_reader.h"
#include "pkg/tls/trust_store_parts.h"

namespace fairlead::tls {

// For tests: OpenSSL as the other side, between two memory BIOs.
class OpenSslPeer {
 public:
  struct Options {
    Side side = Side::kClient;
    int version = TLS1_3_VERSION;
    std::string suites = {};   // of TLS 1.3; all
    std::string ciphers = {};  // of TLS 1.2; OpenSSL's own choice
    std::shared_ptr<const Certificate> certificate = nullptr;
    std::shared_ptr<const TrustStore> trust = nullptr;  // null: the other side is not verified
    bool ask_certificate = false;                       // of a client
    std::string server_name = {};
    std::string alpn = {};  // in wire form
    bool session_tickets = true;
  };

  static SslCtxPtr NewContext(const Options& options) {
    SslCtxPtr context(SSL_CTX_new(TLS_method()));
    SSL_CTX_set_min_proto_version(context.get(), options.version);
    SSL_CTX_set_max_proto_version(context.get(), options.version);
    if (!options.suites.empty()) SSL_CTX_set_ciphersuites(context.get(), options.suites.c_str());
    if (!options.ciphers.empty()) SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str());
    if (options.certificate) UseCertificate(context.get(), *options.certificate);
    if (options.trust) {
      SSL_CTX_set1_cert_store(context.get(), options.trust->parts().store.get());
      if (options.side == Side::kClient || options.ask_certificate) {
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
      }
    }
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("test"), 4);
    if (!options.session_tickets) SSL_CTX_set_num_tickets(context.get(), 0);
    if (!options.alpn.empty()) {
      SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(options.alpn.data()),
                              options.alpn.size());
    }
    return context;
  }

  explicit OpenSslPeer(const Options& options) : OpenSslPeer(options, NewContext(options)) {}
  // With a context that others share: tickets and sessions come with it.
  OpenSslPeer(const Options& options, SslCtxPtr context) : context_(std::move(context)) {
    ssl_.reset(SSL_new(context_.get()));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);
    if (!options.server_name.empty()) SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
    if (options.side == Side::kServer) {
      SSL_set_accept_state(ssl_.get());
    } else {
      SSL_set_connect_state(ssl_.get());
    }
  }

  ~OpenSslPeer() {
    // Otherwise its session is spoilt.
    if (ssl_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  OpenSslPeer(const OpenSslPeer&) = delete;
  OpenSslPeer& operator=(const OpenSslPeer&) = delete;

  SSL* ssl() { return ssl_.get(); }
  bool established() const { return SSL_is_init_finished(ssl_.get()) == 1; }

  // Takes what came from the other side, and reads what there is.
  void Feed(std::string_view bytes) {
    if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
    Read();
  }
  void Read() {
    ERR_clear_error();
    char buffer[16384];
    if (!established()) {
      const int done = SSL_do_handshake(ssl_.get());
      if (done != 1) return Note(done);
    }
    for (;;) {
      const int count = SSL_read(ssl_.get(), buffer, sizeof(buffer));
      if (count <= 0) return Note(count);
      received.append(buffer, count);
    }
  }
  // Everything it wants to send.
  std::string Take() {
    std::string bytes(BIO_ctrl_pending(out_), '\0');
    if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  void Write(std::string_view content) {
    SSL_write(ssl_.get(), content.data(), static_cast<int>(content.size()));
  }
  // Sends a KeyUpdate with the next Write.
  void UpdateKeys(bool request) {
    SSL_key_update(ssl_.get(), request ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    SSL_do_handshake(ssl_.get());
  }
  void CloseNotify() { SSL_shutdown(ssl_.get()); }

  std::string received;
  bool closed = false;  // close_notify came
  bool failed = false;  // it broke off
  int reason = 0;       // OpenSSL's, when it did
  // The alert that the other side sent; as an RFC 8446 number.
  std::optional<int> alert() const {
    if (reason < SSL_AD_REASON_OFFSET) return std::nullopt;
    return reason - SSL_AD_REASON_OFFSET;
  }

 private:
  void Note(int result) {
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return;
      case SSL_ERROR_ZERO_RETURN:
        closed = true;
        return;
      default:
        if (failed) return;
        failed = true;
        reason = ERR_GET_REASON(ERR_peek_error());
    }
  }

  SslCtxPtr context_;
  SslPtr ssl_;
  BIO* in_;
  BIO* out_;
};

}  // namespace fairlead::tls
