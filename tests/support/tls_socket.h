#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/tls/test_certificates.h"
#include "tests/support/socket.h"

namespace fairlead::testing {

// OpenSSL as a test's own client or backend. Calls block for at most Socket::kPatience. Move-only; one
// thread.
class TlsSocket {
 public:
  struct Options {
    std::string server_name = {};
    std::optional<tls::TestPair> certificate = {};
    std::string authorities = {};  // PEM; empty = anybody is believed, and asked for nothing
    int max_version = 0;           // TLS1_2_VERSION; 0 = any
    std::vector<std::string> alpn = {};
    SSL_SESSION* session = nullptr;  // to resume
  };

  // Shakes hands; established() says what came of it.
  static TlsSocket Connect(Socket socket, const Options& options) {
    return {std::move(socket), options, false};
  }
  static TlsSocket Accept(Socket socket, const Options& options) {
    return {std::move(socket), options, true};
  }
  ~TlsSocket();
  TlsSocket(TlsSocket&&) = default;
  TlsSocket& operator=(TlsSocket&&) = default;

  bool established() const { return established_; }
  // Of the handshake.
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string alpn() const;
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  // The common name of the certificate that the other side has shown; "" where it has shown none.
  std::string peer() const;
  // The alert that the other side has sent; "" where it has sent none.
  std::string alert() const { return *alert_; }
  // What is to be resumed later; the caller's.
  SSL_SESSION* TakeSession() { return SSL_get1_session(ssl_.get()); }

  // False where the connection is broken.
  bool Send(std::string_view bytes);
  // The records that Send or End would send, for the caller to send: SendSome takes what the kernel takes
  // now.
  std::string Seal(std::string_view bytes);
  std::string SealEnd();
  size_t SendSome(std::string_view records) { return socket_.SendSome(records); }
  // That many bytes, or what came before the end.
  std::string Receive(size_t bytes);
  // Up to and with that text, or what came before the end.
  std::string ReceiveThrough(std::string_view text);
  // All that comes until the connection ends; *in_order: by close_notify.
  std::string ReceiveToGone(bool* in_order);
  // Whether all that still comes is close_notify.
  bool EndsInOrder();
  // close_notify.
  void End() { SSL_shutdown(ssl_.get()); }
  // Without a word.
  void Cut() { socket_.Close(); }
  // A FIN without a word, after which this side goes on listening.
  void Truncate() { socket_.End(); }

 private:
  TlsSocket(Socket socket, const Options& options, bool server);

  // Has what OpenSSL writes come back instead of going out.
  template <typename Write>
  std::string Divert(Write write);
  // False at an end or a broken connection.
  bool ReadSome();

  Socket socket_;
  tls::SslCtxPtr context_;
  std::unique_ptr<std::string> alert_ = std::make_unique<std::string>();
  tls::SslPtr ssl_;
  bool established_ = false;
  std::string unread_;
};

}  // namespace fairlead::testing
