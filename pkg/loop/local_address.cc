#include "pkg/loop/local_address.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fairlead::loop {

bool IsLocalAddress(const base::IpAddress& address) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (address.is_v4()) {
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&storage);
    v4->sin_family = AF_INET;
    std::memcpy(&v4->sin_addr, address.bytes().data(), sizeof(v4->sin_addr));
    size = sizeof(*v4);
  } else {
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    v6->sin6_family = AF_INET6;
    std::memcpy(&v6->sin6_addr, address.bytes().data(), sizeof(v6->sin6_addr));
    size = sizeof(*v6);
  }
  const int fd = ::socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;
  const bool refused =
      ::bind(fd, reinterpret_cast<const sockaddr*>(&storage), size) != 0 && errno == EADDRNOTAVAIL;
  ::close(fd);
  return !refused;
}

}  // namespace fairlead::loop
