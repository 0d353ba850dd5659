#include "tests/bench/open_tunnels.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <unordered_map>

#include "tests/bench/handshake.h"
#include "tests/bench/net.h"

namespace fairlead::bench {
namespace {

constexpr int kMaxOpening = 32;

}  // namespace

std::vector<int> OpenTunnels(Wire& wire, uint16_t port, int count) {
  const int epoll = NewEpoll();
  std::unordered_map<int, Handshake> opening;  // by descriptor
  std::vector<int> open;
  std::array<epoll_event, kMaxOpening> events;
  while (static_cast<int>(open.size()) < count) {
    while (opening.size() < kMaxOpening && static_cast<int>(open.size() + opening.size()) < count) {
      const int fd = wire.Connect(port);
      opening.emplace(fd, Handshake(port));
      Watch(epoll, EPOLL_CTL_ADD, fd, EPOLLOUT);
    }
    const int ready = epoll_wait(epoll, events.data(), kMaxOpening, -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      const auto found = opening.find(fd);
      if (found->second.Continue(wire, fd)) {
        Watch(epoll, EPOLL_CTL_DEL, fd, 0);
        opening.erase(found);
        open.push_back(fd);
      } else {
        Watch(epoll, EPOLL_CTL_MOD, fd, EPOLLIN);
      }
    }
  }
  close(epoll);
  return open;
}

}  // namespace fairlead::bench
