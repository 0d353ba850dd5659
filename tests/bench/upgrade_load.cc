#include "tests/bench/upgrade_load.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "tests/bench/net.h"

namespace fairlead::bench {
namespace {

constexpr int kMaxEvents = 256;

}  // namespace

UpgradeLoad::UpgradeLoad(uint16_t port, int concurrency)
    : port_(port),
      concurrency_(concurrency),
      epoll_(NewEpoll()),
      handshakes_(static_cast<size_t>(RaiseDescriptorLimit())) {}

void UpgradeLoad::Run(int count) {
  std::array<epoll_event, kMaxEvents> events;
  int started = 0;
  int finished = 0;
  while (finished < count) {
    for (; started < count && started - finished < concurrency_; ++started) StartOne();
    const int ready = epoll_wait(epoll_, events.data(), kMaxEvents, -1);
    for (int i = 0; i < ready; ++i) {
      if (Continue(events[static_cast<size_t>(i)].data.fd)) ++finished;
    }
  }
}

void UpgradeLoad::StartOne() {
  const int fd = Connect(port_);
  handshakes_[static_cast<size_t>(fd)].emplace(port_);
  Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLOUT);
}

bool UpgradeLoad::Continue(int fd) {
  std::optional<Handshake>& handshake = handshakes_[static_cast<size_t>(fd)];
  if (!handshake) {
    char byte;
    const ssize_t bytes = recv(fd, &byte, 1, 0);
    if (bytes > 0) Die("bytes in a tunnel that should close");
    close(fd);
    return true;
  }
  const bool open = handshake->Continue(fd);
  if (open) {
    handshake.reset();
    if (shutdown(fd, SHUT_WR) != 0) Die("shutdown");
  } else {
    Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
  }
  return false;
}

}  // namespace fairlead::bench
