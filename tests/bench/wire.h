#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace fairlead::bench {

/// What the load generator's connections speak: TCP itself, or TLS over it. The calls are named after those
/// of the kernel, and return and set errno as they do: EAGAIN also while a handshake is under way. TLS
/// clients agree to AES-128-GCM and X25519 only, so that every proxy does the same work; they believe any
/// certificate, and resume nothing.
class Wire {
 public:
  enum class Protocol { kPlain, kTls12, kTls13 };

  explicit Wire(Protocol protocol);

  /// As those of net.h, and ready for Send once the socket is.
  int Connect(uint16_t port);
  int TryConnect(uint16_t port);

  /// The handshake goes on in here, too: what was not sent has to be sent again, unchanged, at the next
  /// readiness.
  ssize_t Send(int fd, std::string_view bytes);
  /// 0 only at an end in order, which TLS tells from a cut.
  ssize_t Receive(int fd, char* data, size_t capacity);
  /// Ends this side; false where that cannot be.
  bool End(int fd);
  void Close(int fd);

 private:
  template <auto kFree>
  struct Free {
    void operator()(auto* object) const { kFree(object); }
  };
  using Connection = std::unique_ptr<SSL, Free<SSL_free>>;

  void Secure(int fd);
  static ssize_t ErrorOf(SSL* ssl, int result);

  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context_;  // none: plain
  std::vector<Connection> connections_;                   // by descriptor; empty where plain
};

}  // namespace fairlead::bench
