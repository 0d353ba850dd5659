#include "tests/bench/wire.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "tests/bench/net.h"

namespace fairlead::bench {

Wire::Wire(Protocol protocol) {
  if (protocol == Protocol::kPlain) return;
  // OpenSSL writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  connections_.resize(static_cast<size_t>(RaiseDescriptorLimit()));
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = context_.get();
  const int version = protocol == Protocol::kTls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  const bool configured =
      SSL_CTX_set_min_proto_version(context, version) == 1 &&
      SSL_CTX_set_max_proto_version(context, version) == 1 &&
      SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") == 1 &&
      SSL_CTX_set_cipher_list(context, "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256") == 1 &&
      SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1;
  if (!configured) Die("OpenSSL");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
}

int Wire::Connect(uint16_t port) {
  const int fd = bench::Connect(port);
  Secure(fd);
  return fd;
}

int Wire::TryConnect(uint16_t port) {
  const int fd = bench::TryConnect(port);
  if (fd >= 0) Secure(fd);
  return fd;
}

void Wire::Secure(int fd) {
  if (!context_) return;
  Connection& connection = connections_[static_cast<size_t>(fd)];
  connection.reset(SSL_new(context_.get()));
  if (!connection || SSL_set_fd(connection.get(), fd) != 1) Die("SSL_new");
  SSL_set_connect_state(connection.get());
}

ssize_t Wire::Send(int fd, std::string_view bytes) {
  if (!context_) return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  SSL* const ssl = connections_[static_cast<size_t>(fd)].get();
  const int result = SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
  return result > 0 ? result : ErrorOf(ssl, result);
}

ssize_t Wire::Receive(int fd, char* data, size_t capacity) {
  if (!context_) return recv(fd, data, capacity, 0);
  SSL* const ssl = connections_[static_cast<size_t>(fd)].get();
  const int result = SSL_read(ssl, data, static_cast<int>(capacity));
  return result > 0 ? result : ErrorOf(ssl, result);
}

bool Wire::End(int fd) {
  if (!context_) return shutdown(fd, SHUT_WR) == 0;
  const bool ended = SSL_shutdown(connections_[static_cast<size_t>(fd)].get()) >= 0;
  ERR_clear_error();
  return ended;
}

void Wire::Close(int fd) {
  if (context_) connections_[static_cast<size_t>(fd)].reset();
  close(fd);
}

ssize_t Wire::ErrorOf(SSL* ssl, int result) {
  const int system_error = errno;
  const int error = SSL_get_error(ssl, result);
  ERR_clear_error();
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  const bool waits = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  errno = waits ? EAGAIN : error == SSL_ERROR_SYSCALL && system_error != 0 ? system_error : EPROTO;
  return -1;
}

}  // namespace fairlead::bench
