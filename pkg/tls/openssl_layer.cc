#include "pkg/tls/openssl_layer.h"

#include <openssl/err.h>

#include <algorithm>

#include "pkg/tls/openssl_error.h"
#include "pkg/tls/record.h"

namespace fairlead::tls {
namespace {

OpenSslLayer& LayerOf(BIO* bio) {
  return *static_cast<OpenSslLayer*>(BIO_get_data(bio));
}

int ReadBio(BIO* bio, char* to, int room) {
  BIO_clear_retry_flags(bio);
  const int count = LayerOf(bio).TakeInput(to, room);
  if (count > 0) return count;
  BIO_set_retry_read(bio);
  return -1;
}

int WriteBio(BIO* bio, const char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  LayerOf(bio).AddOutput({bytes, static_cast<size_t>(count)});
  return count;
}

long ControlBio(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

BIO_METHOD* NewLayerBioMethod() {
  BIO_METHOD* method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "record");
  BIO_meth_set_read(method, ReadBio);
  BIO_meth_set_write(method, WriteBio);
  BIO_meth_set_ctrl(method, ControlBio);
  return method;
}

OpenSslLayer::OpenSslLayer(SslPtr ssl, Side side, std::shared_ptr<const void> context, BIO_METHOD* method,
                           Scratch* out)
    : ssl_(std::move(ssl)), side_(side), context_(std::move(context)), out_(out) {
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);  // takes it
  SSL_set_app_data(ssl_.get(), this);
  if (side == Side::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

OpenSslLayer::~OpenSslLayer() {
  // Otherwise OpenSSL takes the session for spoilt and resumes it no more.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

int OpenSslLayer::TakeInput(char* to, size_t room) {
  const size_t count = in_.copy(to, room);
  in_.remove_prefix(count);
  return static_cast<int>(count);
}

OpenSslLayer::Step OpenSslLayer::Shake(std::string_view record) {
  ERR_clear_error();
  in_ = record;
  const TrafficSecretCapture capture(&secrets_);
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) return Step::kDone;
  return SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ ? Step::kMore : Step::kFailed;
}

Failure OpenSslLayer::ReasonOfFailure(std::string* words) const {
  const long verified = SSL_get_verify_result(ssl_.get());
  const int reason = ERR_GET_REASON(ERR_peek_error());
  *words = TakeOpenSslError();
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
    *words = X509_verify_cert_error_string(verified);
    return Failure::kPeerUnverified;
  }
  return reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE ? Failure::kPeerUnverified : Failure::kHandshake;
}

bool OpenSslLayer::AbortedByPeer() const {
  return ERR_GET_REASON(ERR_peek_error()) >= SSL_AD_REASON_OFFSET;
}

HandshakeInfo OpenSslLayer::Describe() const {
  HandshakeInfo info;
  info.version = SSL_get_version(ssl_.get());
  info.cipher = SSL_get_cipher_name(ssl_.get());
  if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)) info.server_name = name;
  const unsigned char* alpn = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &alpn, &size);
  if (size > 0) info.alpn.assign(reinterpret_cast<const char*>(alpn), size);
  info.resumed = SSL_session_reused(ssl_.get()) == 1;
  X509* peer = SSL_get0_peer_certificate(ssl_.get());
  if (peer != nullptr && SSL_get_verify_result(ssl_.get()) == X509_V_OK) info.peer = IdentityOf(peer);
  return info;
}

std::optional<OpenSslLayer::Keys> OpenSslLayer::TakeKeys(uint64_t written) {
  if (SSL_version(ssl_.get()) != TLS1_3_VERSION) return std::nullopt;
  const auto suite = SuiteOf(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl_.get())));
  if (!suite) return std::nullopt;
  const size_t size = SecretBytes(*suite);
  if (secrets_.client.size != size || secrets_.server.size != size) return std::nullopt;
  if (!in_.empty() || SSL_has_pending(ssl_.get()) == 1) return std::nullopt;
  const bool server = side_ == Side::kServer;
  const TrafficSecrets::Secret& read = server ? secrets_.client : secrets_.server;
  const TrafficSecrets::Secret& write = server ? secrets_.server : secrets_.client;
  const Keys keys{.read = TrafficKeys(*suite, {read.bytes.data(), size}),
                  .write = TrafficKeys(*suite, {write.bytes.data(), size}, written)};
  secrets_.Wipe();
  return keys;
}

OpenSslLayer::Step OpenSslLayer::Read(std::string_view record, Scratch* opened) {
  ERR_clear_error();
  in_ = record;
  for (;;) {
    uint8_t* to = opened->Extend(kMaxContent);
    const int count = SSL_read(ssl_.get(), to, kMaxContent);
    opened->Shrink(kMaxContent - std::max(count, 0));
    if (count > 0) continue;
    switch (SSL_get_error(ssl_.get(), count)) {
      case SSL_ERROR_WANT_READ:
        return Step::kMore;
      case SSL_ERROR_ZERO_RETURN:
        return Step::kDone;
      default:
        return Step::kFailed;
    }
  }
}

bool OpenSslLayer::Write(std::string_view content) {
  ERR_clear_error();
  size_t written = 0;
  return SSL_write_ex(ssl_.get(), content.data(), content.size(), &written) == 1;
}

void OpenSslLayer::SendCloseNotify() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

std::string_view OpenSslLayer::SessionKeyOf(const SSL* ssl) {
  return static_cast<OpenSslLayer*>(SSL_get_app_data(ssl))->session_key_;
}

}  // namespace fairlead::tls
