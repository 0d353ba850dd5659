#include "tests/bench/echo_load.h"

#include <sys/epoll.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/net.h"
#include "tests/bench/open_tunnels.h"

namespace fairlead::bench {
namespace {

constexpr int kMaxEvents = 256;

}  // namespace

EchoLoad::EchoLoad(const Options& options, Wire& wire)
    : options_(options),
      wire_(wire),
      epoll_(NewEpoll()),
      outgoing_(Message::FromClient(options.payload_bytes)),
      expected_(Message::FromServer(options.payload_bytes)),
      tunnels_(static_cast<size_t>(RaiseDescriptorLimit())),
      buffer_(std::make_unique<std::array<char, 256 * 1024>>()) {}

void EchoLoad::Open() {
  open_ = OpenTunnels(wire_, options_.port, options_.tunnels);
  for (const int fd : open_) Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN);
}

void EchoLoad::Exchange(uint64_t messages) {
  if (messages == 0) return;
  for (const int fd : open_) {
    Tunnel& tunnel = tunnels_[static_cast<size_t>(fd)];
    tunnel.to_send = tunnel.sent + messages;
    Send(fd, tunnel);
  }
  std::array<epoll_event, kMaxEvents> events;
  size_t finished = 0;
  while (finished < open_.size()) {
    const int count = epoll_wait(epoll_, events.data(), kMaxEvents, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      Tunnel& tunnel = tunnels_[static_cast<size_t>(fd)];
      if ((events[static_cast<size_t>(i)].events & ~EPOLLOUT) != 0 && Receive(fd, tunnel)) ++finished;
      Send(fd, tunnel);
    }
  }
}

void EchoLoad::Send(int fd, Tunnel& tunnel) {
  while (tunnel.sent < tunnel.to_send && tunnel.sent - tunnel.echoes.received() < options_.window) {
    std::string_view rest = outgoing_.WithSequence(tunnel.sent);
    rest.remove_prefix(tunnel.sent_bytes);
    const ssize_t written = wire_.Send(fd, rest);
    if (written < 0 && errno != EAGAIN) Die("sending a message");
    if (written > 0) tunnel.sent_bytes += static_cast<size_t>(written);
    if (tunnel.sent_bytes < outgoing_.size()) {
      if (!tunnel.blocked) Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
      tunnel.blocked = true;
      return;
    }
    tunnel.sent_bytes = 0;
    ++tunnel.sent;
  }
  if (tunnel.blocked) Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
  tunnel.blocked = false;
}

// True when the last echo of this Exchange() has come.
bool EchoLoad::Receive(int fd, Tunnel& tunnel) {
  const ssize_t bytes = wire_.Receive(fd, buffer_->data(), buffer_->size());
  if (bytes < 0 && errno == EAGAIN) return false;
  if (bytes == 0) errno = ECONNRESET;
  if (bytes <= 0) Die("a tunnel has ended before its work was done");
  if (!tunnel.echoes.Take(std::string_view(buffer_->data(), static_cast<size_t>(bytes)), tunnel.to_send,
                          expected_)) {
    std::fprintf(stderr, "the echo of message %llu is not what was sent\n",
                 static_cast<unsigned long long>(tunnel.echoes.received()));
    std::exit(1);
  }
  return tunnel.echoes.received() == tunnel.to_send;
}

}  // namespace fairlead::bench
