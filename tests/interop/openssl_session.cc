#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/interop/session.h"

namespace fairlead::interop {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

class OpenSslSession final : public Session {
 public:
  OpenSslSession(const Identity& identity, int fd)
      : server_(identity.server), context_(SSL_CTX_new(TLS_method())) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    good_ = identity.suite.empty() || SSL_CTX_set_ciphersuites(context_.get(), identity.suite.c_str()) == 1;
    if (server_) {
      good_ &= SSL_CTX_use_certificate_chain_file(context_.get(), identity.cert_file.c_str()) == 1;
      good_ &= SSL_CTX_use_PrivateKey_file(context_.get(), identity.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
    } else {
      good_ &= SSL_CTX_load_verify_file(context_.get(), identity.ca_file.c_str()) == 1;
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    }
    SSL_CTX_set_msg_callback(context_.get(), &OpenSslSession::OnMessage);
    SSL_CTX_set_msg_callback_arg(context_.get(), this);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd);
    if (server_) return;
    SSL_set_tlsext_host_name(ssl_.get(), identity.name.c_str());
    SSL_set1_host(ssl_.get(), identity.name.c_str());
  }

  Result Shake() override {
    if (!good_) return Result::kFailed;
    return ToResult(server_ ? SSL_accept(ssl_.get()) : SSL_connect(ssl_.get()));
  }
  Result Read(char* into, size_t room, size_t* size) override {
    return ToResult(SSL_read_ex(ssl_.get(), into, room, size));
  }
  Result Write(std::string_view bytes, size_t* taken) override {
    return ToResult(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), taken));
  }
  Result UpdateKeys(bool ask) override {
    return ToResult(
        SSL_key_update(ssl_.get(), ask ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED));
  }
  Result End() override {
    const int result = SSL_shutdown(ssl_.get());
    return result == 0 ? Result::kDone : ToResult(result);
  }
  uint64_t updates_seen() const override { return updates_seen_; }
  std::string error() const override {
    char text[256];
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    return text;
  }

 private:
  static void OnMessage(int outgoing, int, int type, const void* bytes, size_t size, SSL*, void* self) {
    if (outgoing == 0 && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *static_cast<const unsigned char*>(bytes) == SSL3_MT_KEY_UPDATE) {
      ++static_cast<OpenSslSession*>(self)->updates_seen_;
    }
  }
  Result ToResult(int result) {
    if (result > 0) return Result::kDone;
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return Result::kWantsRead;
      case SSL_ERROR_WANT_WRITE:
        return Result::kWantsWrite;
      case SSL_ERROR_ZERO_RETURN:
        return Result::kEnded;
      default:
        return Result::kFailed;
    }
  }

  const bool server_;
  bool good_ = true;
  uint64_t updates_seen_ = 0;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace

std::unique_ptr<Session> NewOpenSslSession(const Identity& identity, int fd) {
  return std::make_unique<OpenSslSession>(identity, fd);
}

}  // namespace fairlead::interop
