#include "tests/support/socket.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace fairlead::testing {
namespace {

// False where it is not ready within kPatience.
bool WaitFor(int fd, short events) {
  pollfd waiting{.fd = fd, .events = events, .revents = 0};
  constexpr auto kMillis = std::chrono::duration_cast<std::chrono::milliseconds>(Socket::kPatience);
  return ::poll(&waiting, 1, static_cast<int>(kMillis.count())) == 1;
}

int NewSocket(sa_family_t family) {
  return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

}  // namespace

Socket Socket::Connect(const base::SocketAddress& address, int receive_buffer) {
  sockaddr_storage native;
  const socklen_t length = address.ToNative(&native);
  Socket socket(NewSocket(native.ss_family));
  if (receive_buffer > 0) {
    ::setsockopt(socket.fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  if (!address.is_unix()) {
    const int on = 1;
    ::setsockopt(socket.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  if (::connect(socket.fd_, reinterpret_cast<const sockaddr*>(&native), length) != 0) {
    ADD_FAILURE() << "connect to " << address.ToString() << ": " << std::strerror(errno);
  }
  return socket;
}

bool Socket::CanConnect(const base::SocketAddress& address) {
  sockaddr_storage native;
  const socklen_t length = address.ToNative(&native);
  const Socket socket(NewSocket(native.ss_family));
  return ::connect(socket.fd_, reinterpret_cast<const sockaddr*>(&native), length) == 0;
}

Socket::Socket(int fd) : fd_(fd) {}

Socket::~Socket() {
  Close();
}

Socket::Socket(Socket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  Close();
  fd_ = std::exchange(other.fd_, -1);
  unread_ = std::move(other.unread_);
  return *this;
}

void Socket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!WaitFor(fd_, POLLOUT)) {
      ADD_FAILURE() << "the peer takes nothing";
      return;
    }
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EAGAIN) continue;
    if (sent < 0) {
      ADD_FAILURE() << "send: " << std::strerror(errno);
      return;
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

size_t Socket::SendSome(std::string_view bytes) {
  const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent > 0 ? static_cast<size_t>(sent) : 0;
}

Socket::Arrival Socket::Await() {
  if (!WaitFor(fd_, POLLIN)) return Arrival::kNothing;
  std::array<char, 65536> buffer;
  const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (count < 0) return Arrival::kReset;
  if (count == 0) return Arrival::kEnd;
  unread_.append(buffer.data(), static_cast<size_t>(count));
  return Arrival::kBytes;
}

std::string Socket::Receive(size_t bytes) {
  while (unread_.size() < bytes) {
    if (Await() != Arrival::kBytes) {
      ADD_FAILURE() << "no " << bytes << " bytes, only: " << unread_;
      return std::exchange(unread_, {});
    }
  }
  std::string received = unread_.substr(0, bytes);
  unread_.erase(0, bytes);
  return received;
}

std::string Socket::ReceiveThrough(std::string_view text) {
  size_t found;
  while ((found = unread_.find(text)) == std::string::npos) {
    if (Await() != Arrival::kBytes) {
      ADD_FAILURE() << "no \"" << text << "\", only: " << unread_;
      return std::exchange(unread_, {});
    }
  }
  return Receive(found + text.size());
}

std::string Socket::ReceiveToEnd() {
  Arrival arrival;
  while ((arrival = Await()) == Arrival::kBytes) {
  }
  EXPECT_EQ(arrival, Arrival::kEnd) << "reset, or no end, behind: " << unread_;
  return std::exchange(unread_, {});
}

std::string Socket::ReceiveToGone() {
  Arrival arrival;
  while ((arrival = Await()) == Arrival::kBytes) {
  }
  EXPECT_NE(arrival, Arrival::kNothing) << "still open, behind: " << unread_;
  return std::exchange(unread_, {});
}

void Socket::AwaitReset() {
  Arrival arrival;
  while ((arrival = Await()) == Arrival::kBytes) unread_.clear();
  EXPECT_EQ(arrival, Arrival::kReset) << "no reset";
}

void Socket::AwaitGone() {
  Arrival arrival;
  while ((arrival = Await()) == Arrival::kBytes) unread_.clear();
  EXPECT_NE(arrival, Arrival::kNothing) << "still open";
}

bool Socket::Silent() {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  return unread_.empty() && ::poll(&waiting, 1, 0) == 0;
}

void Socket::End() {
  ::shutdown(fd_, SHUT_WR);
}

void Socket::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Socket::Reset() {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  Close();
}

base::SocketAddress Socket::address() const {
  sockaddr_storage native;
  socklen_t length = sizeof(native);
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&native), &length);
  return base::SocketAddress::FromNative(native, length);
}

}  // namespace fairlead::testing
