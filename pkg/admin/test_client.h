#pragma once

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "pkg/base/address.h"

namespace fairlead::admin {

// For this room's tests: a connection as simple as can be, blocking.
class TestClient {
 public:
  explicit TestClient(const base::SocketAddress& address) : length_(address.ToNative(&address_)) {
    fd_ = ::socket(address_.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 20,
                           .tv_usec = 0};  // a server that hangs fails the test instead of holding it up
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~TestClient() { ::close(fd_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool Connect() { return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address_), length_) == 0; }
  void Send(std::string_view bytes) { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // Until the server closes.
  std::string ReadAll() {
    std::string text;
    std::array<char, 4096> buffer;
    for (ssize_t got; (got = ::recv(fd_, buffer.data(), buffer.size(), 0)) > 0;) {
      text.append(buffer.data(), static_cast<size_t>(got));
    }
    return text;
  }

  // The whole response to a GET.
  static std::string Get(const base::SocketAddress& address, std::string_view path,
                         std::string_view host = "localhost") {
    TestClient client(address);
    client.Connect();
    client.Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    return client.ReadAll();
  }

 private:
  sockaddr_storage address_;
  const socklen_t length_;
  int fd_ = -1;
};

}  // namespace fairlead::admin
