#include "tests/support/backend.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace fairlead::testing {

Backend::Backend(std::string_view address) {
  sockaddr_storage native;
  socklen_t length = base::SocketAddress::Parse(address)->ToNative(&native);
  fd_ = ::socket(native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto* const generic = reinterpret_cast<sockaddr*>(&native);
  if (::bind(fd_, generic, length) != 0 || ::listen(fd_, SOMAXCONN) != 0) {
    ADD_FAILURE() << "listen on " << address << ": " << std::strerror(errno);
  }
  length = sizeof(native);
  ::getsockname(fd_, generic, &length);
  address_ = base::SocketAddress::FromNative(native, length);
}

Backend::~Backend() {
  Close();
}

Socket Backend::Accept() {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  constexpr auto kMillis = std::chrono::duration_cast<std::chrono::milliseconds>(Socket::kPatience);
  if (::poll(&waiting, 1, static_cast<int>(kMillis.count())) != 1) {
    ADD_FAILURE() << "nobody connects to the backend";
    return Socket();
  }
  return Socket(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
}

bool Backend::Idle() const {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) == 0;
}

void Backend::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace fairlead::testing
