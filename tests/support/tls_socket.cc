#include "tests/support/tls_socket.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fairlead::testing {
namespace {

tls::BioPtr ReaderOf(const std::string& text) {
  return tls::BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void Use(SSL_CTX* context, const tls::TestPair& pair) {
  const tls::X509Ptr certificate(
      PEM_read_bio_X509(ReaderOf(pair.chain.text).get(), nullptr, nullptr, nullptr));
  const tls::KeyPtr key(PEM_read_bio_PrivateKey(ReaderOf(pair.key.text).get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_certificate(context, certificate.get());
  SSL_CTX_use_PrivateKey(context, key.get());
}

void Believe(SSL_CTX* context, const std::string& authorities) {
  const tls::X509Ptr authority(PEM_read_bio_X509(ReaderOf(authorities).get(), nullptr, nullptr, nullptr));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
}

void NoteAlert(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT || (value & 0xff) == SSL_AD_CLOSE_NOTIFY) return;
  // OpenSSL 3.0 has no name for this one.
  const bool required = (value & 0xff) == SSL_AD_CERTIFICATE_REQUIRED;
  const char* const name = required ? "certificate required" : SSL_alert_desc_string_long(value);
  *static_cast<std::string*>(SSL_get_app_data(ssl)) = name;
}

int TakeFirst(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned,
              void*) {
  *size = in[0];
  *out = in + 1;
  return SSL_TLSEXT_ERR_OK;
}

// Blocking, with patience.
void Settle(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  const timeval patience{.tv_sec = Socket::kPatience.count(), .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

}  // namespace

TlsSocket::TlsSocket(Socket socket, const Options& options, bool server)
    : socket_(std::move(socket)), context_(SSL_CTX_new(TLS_method())) {
  SSL_CTX* const context = context_.get();
  if (options.certificate) Use(context, *options.certificate);
  if (!options.authorities.empty()) Believe(context, options.authorities);
  const bool verifies = !options.authorities.empty();
  if (verifies) SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (options.max_version != 0) SSL_CTX_set_max_proto_version(context, options.max_version);
  if (server) SSL_CTX_set_alpn_select_cb(context, TakeFirst, nullptr);
  SSL_CTX_set_info_callback(context, NoteAlert);
  ssl_.reset(SSL_new(context));
  SSL* const ssl = ssl_.get();
  SSL_set_app_data(ssl, alert_.get());
  std::string protocols;
  for (const std::string& protocol : options.alpn) {
    protocols.append(1, static_cast<char>(protocol.size())).append(protocol);
  }
  SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned>(protocols.size()));
  if (!options.server_name.empty()) SSL_set_tlsext_host_name(ssl, options.server_name.c_str());
  if (options.session != nullptr) SSL_set_session(ssl, options.session);
  Settle(socket_.fd());
  SSL_set_fd(ssl, socket_.fd());
  established_ = (server ? SSL_accept(ssl) : SSL_connect(ssl)) == 1;
  ERR_clear_error();
}

TlsSocket::~TlsSocket() {
  // OpenSSL would not resume a session that was cut short.
  if (ssl_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

std::string TlsSocket::alpn() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

std::string TlsSocket::peer() const {
  const tls::X509Ptr shown(SSL_get1_peer_certificate(ssl_.get()));
  std::array<char, 128> name{};
  if (shown) {
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name.data(), name.size());
  }
  return name.data();
}

bool TlsSocket::Send(std::string_view bytes) {
  const bool sent = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  ERR_clear_error();
  return sent;
}

template <typename Write>
std::string TlsSocket::Divert(Write write) {
  BIO* const memory = BIO_new(BIO_s_mem());
  SSL_set0_wbio(ssl_.get(), memory);
  write(ssl_.get());
  ERR_clear_error();
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string records(data, static_cast<size_t>(size));
  SSL_set_wfd(ssl_.get(), socket_.fd());
  return records;
}

std::string TlsSocket::Seal(std::string_view bytes) {
  return Divert([bytes](SSL* ssl) { SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())); });
}

std::string TlsSocket::SealEnd() {
  return Divert([](SSL* ssl) { SSL_shutdown(ssl); });
}

bool TlsSocket::ReadSome() {
  std::array<char, 16384> buffer;
  const int count = SSL_read(ssl_.get(), buffer.data(), buffer.size());
  if (count > 0) unread_.append(buffer.data(), static_cast<size_t>(count));
  return count > 0;
}

std::string TlsSocket::Receive(size_t bytes) {
  while (unread_.size() < bytes && ReadSome()) {
  }
  ERR_clear_error();
  const size_t taken = std::min(bytes, unread_.size());
  std::string text = unread_.substr(0, taken);
  unread_.erase(0, taken);
  return text;
}

std::string TlsSocket::ReceiveThrough(std::string_view text) {
  while (unread_.find(text) == std::string::npos && ReadSome()) {
  }
  ERR_clear_error();
  const size_t at = unread_.find(text);
  return Receive(at == std::string::npos ? unread_.size() : at + text.size());
}

std::string TlsSocket::ReceiveToGone(bool* in_order) {
  while (ReadSome()) {
  }
  ERR_clear_error();
  *in_order = (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  return std::exchange(unread_, {});
}

bool TlsSocket::EndsInOrder() {
  char byte = 0;
  const int count = SSL_read(ssl_.get(), &byte, 1);
  const bool in_order = SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN;
  ERR_clear_error();
  return in_order;
}

}  // namespace fairlead::testing
