#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "pkg/base/address.h"

namespace fairlead::testing {

// An IPv4 socket on a loopback port of its own.
class BoundSocket {
 public:
  BoundSocket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage native;
    socklen_t length = base::SocketAddress::Parse("127.0.0.1:0")->ToNative(&native);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&native), length);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&native), &length);
    address_ = base::SocketAddress::FromNative(native, length);
  }
  ~BoundSocket() { ::close(fd_); }
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;

  int fd() const { return fd_; }
  const base::SocketAddress& address() const { return address_; }

 private:
  const int fd_;
  base::SocketAddress address_;
};

// Where connections are refused: nobody listens, and nobody else can get the port.
class ClosedPort {
 public:
  const base::SocketAddress& address() const { return socket_.address(); }

 private:
  BoundSocket socket_;
};

// Where connections neither succeed nor fail: the queue of the listening socket is full, so the kernel drops
// what would join it.
class SilentPort {
 public:
  SilentPort() {
    ::listen(socket_.fd(), 0);
    sockaddr_storage native;
    const socklen_t length = address().ToNative(&native);
    for (int& fd : fillers_) {
      fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      ::connect(fd, reinterpret_cast<const sockaddr*>(&native), length);
    }
  }
  ~SilentPort() {
    for (int fd : fillers_) ::close(fd);
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  const base::SocketAddress& address() const { return socket_.address(); }

 private:
  BoundSocket socket_;
  std::array<int, 2> fillers_;  // a queue of length 0 takes one
};

}  // namespace fairlead::testing
