#include "tests/bench/upgrade_load.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

#include "tests/bench/net.h"

namespace fairlead::bench {
namespace {

constexpr int kMaxEvents = 256;

}  // namespace

UpgradeLoad::UpgradeLoad(uint16_t port, int concurrency, Wire& wire)
    : port_(port),
      concurrency_(concurrency),
      wire_(wire),
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
  const int fd = wire_.Connect(port_);
  handshakes_[static_cast<size_t>(fd)].emplace(port_);
  Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLOUT);
}

bool UpgradeLoad::Continue(int fd) {
  std::optional<Handshake>& handshake = handshakes_[static_cast<size_t>(fd)];
  if (!handshake) {
    char byte;
    const ssize_t bytes = wire_.Receive(fd, &byte, 1);
    if (bytes > 0) Die("bytes in a tunnel that should close");
    if (bytes < 0 && errno == EAGAIN) return false;
    wire_.Close(fd);
    return true;
  }
  const bool open = handshake->Continue(wire_, fd);
  if (open) {
    handshake.reset();
    if (!wire_.End(fd)) Die("shutdown");
  } else {
    Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
  }
  return false;
}

}  // namespace fairlead::bench
