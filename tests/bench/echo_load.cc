#include "tests/bench/echo_load.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/bench/net.h"

namespace fairlead::bench {
namespace {

constexpr int kMaxEvents = 256;
constexpr int kMaxOpening = 32;

}  // namespace

EchoLoad::EchoLoad(const Options& options)
    : options_(options),
      epoll_(NewEpoll()),
      outgoing_(Message::FromClient(options.payload_bytes)),
      expected_(Message::FromServer(options.payload_bytes)),
      tunnels_(static_cast<size_t>(RaiseDescriptorLimit())),
      buffer_(std::make_unique<std::array<char, 256 * 1024>>()) {}

void EchoLoad::StartOne() {
  const int fd = Connect(options_.port);
  Tunnel& tunnel = tunnels_[static_cast<size_t>(fd)];
  tunnel.handshake = std::make_unique<Handshake>(options_.port);
  Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLOUT);
}

void EchoLoad::ContinueHandshake(int fd, Tunnel& tunnel) {
  const bool open = tunnel.handshake->Continue(fd);
  Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
  if (!open) return;
  tunnel.handshake.reset();
  open_.push_back(fd);
}

void EchoLoad::Open() {
  std::array<epoll_event, kMaxEvents> events;
  int started = 0;
  while (static_cast<int>(open_.size()) < options_.tunnels) {
    while (started < options_.tunnels && started - static_cast<int>(open_.size()) < kMaxOpening) {
      StartOne();
      ++started;
    }
    const int count = epoll_wait(epoll_, events.data(), kMaxEvents, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      Tunnel& tunnel = tunnels_[static_cast<size_t>(fd)];
      if (!tunnel.handshake) Die("an open tunnel has sent something unasked, or ended");
      ContinueHandshake(fd, tunnel);
    }
  }
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
  while (tunnel.sent < tunnel.to_send && tunnel.sent - tunnel.received < options_.window) {
    std::string_view rest = outgoing_.WithSequence(tunnel.sent);
    rest.remove_prefix(tunnel.sent_bytes);
    const ssize_t written = send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
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
  const size_t bytes = ReadSome(fd, buffer_->data(), buffer_->size());
  if (bytes == 0) return false;
  Check(tunnel, std::string_view(buffer_->data(), bytes));
  return tunnel.received == tunnel.to_send;
}

void EchoLoad::Check(Tunnel& tunnel, std::string_view bytes) {
  while (!bytes.empty()) {
    std::string_view rest = expected_.WithSequence(tunnel.received);
    rest.remove_prefix(tunnel.received_bytes);
    const size_t length = std::min(rest.size(), bytes.size());
    if (tunnel.received == tunnel.to_send || std::memcmp(rest.data(), bytes.data(), length) != 0) {
      std::fprintf(stderr, "the echo of message %llu is not what was sent\n",
                   static_cast<unsigned long long>(tunnel.received));
      std::exit(1);
    }
    bytes.remove_prefix(length);
    tunnel.received_bytes += length;
    if (tunnel.received_bytes < expected_.size()) return;
    tunnel.received_bytes = 0;
    ++tunnel.received;
  }
}

}  // namespace fairlead::bench
