#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/loop/loop.h"
#include "pkg/loop/socket_stream.h"

namespace fairlead::loop {

// For tests: a path for a unix socket that no test running beside this one has.
inline std::string UniqueSocketPath() {
  return ::testing::TempDir() + "loop_test_" + std::to_string(::getpid()) + ".sock";
}

// For tests: the far end of a stream, as a plain non-blocking socket.
class Peer {
 public:
  enum class Transport { kTcp, kUnix };

  struct Sockets {
    int near;
    int far;
  };

  // Two connected sockets.
  static Sockets Pair(Transport transport) {
    if (transport == Transport::kTcp) return TcpPair();
    int fds[2];
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
    return {fds[0], fds[1]};
  }

  // The same, with the near end as a stream on the loop.
  static std::pair<std::unique_ptr<SocketStream>, Peer> Connected(Loop& loop, Transport transport) {
    const Sockets sockets = Pair(transport);
    return {*SocketStream::Adopt(loop, sockets.near), Peer(sockets.far)};
  }

  explicit Peer(int fd) : fd_(fd) {}
  ~Peer() { Close(); }
  Peer(Peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Peer& operator=(Peer&&) = delete;

  int fd() const { return fd_; }

  // What the kernel took.
  size_t Send(std::string_view bytes) {
    return std::max<ssize_t>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
  }
  // Half-close.
  void End() { ::shutdown(fd_, SHUT_WR); }
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  // Closes with a RST. (A unix socket has none; closing it with bytes unread comes to the same.)
  void Reset() {
    const linger abort{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
    Close();
  }

  // Takes what is there.
  void Receive() {
    char buffer[65536];
    ssize_t count;
    while ((count = ::recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) received.append(buffer, count);
    ended = ended || count == 0;
    reset = reset || (count < 0 && errno == ECONNRESET);
  }
  std::string received;
  bool ended = false;
  bool reset = false;

 private:
  static Sockets TcpPair() {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* native = reinterpret_cast<sockaddr*>(&address);
    ::bind(listener, native, length);
    ::listen(listener, 1);
    ::getsockname(listener, native, &length);
    const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::connect(far, native, length);
    ::fcntl(far, F_SETFL, O_NONBLOCK);
    const int near = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ::close(listener);
    return {near, far};
  }

  int fd_;
};

}  // namespace fairlead::loop
