#include "tests/bench/chat_load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tests/bench/net.h"
#include "tests/bench/open_tunnels.h"

namespace fairlead::bench {
namespace {

constexpr size_t kPayloadBytes = 64;
constexpr int kMaxEvents = 256;
constexpr std::chrono::seconds kLastEchoes{60};
constexpr int kMaxReasons = 10;

}  // namespace

ChatLoad::ChatLoad(const Options& options, Wire& wire)
    : options_(options),
      wire_(wire),
      epoll_(NewEpoll()),
      outgoing_(Message::FromClient(kPayloadBytes)),
      expected_(Message::FromServer(kPayloadBytes)),
      tunnels_(static_cast<size_t>(RaiseDescriptorLimit())),
      buffer_(std::make_unique<std::array<char, 64 * 1024>>()) {}

void ChatLoad::Open() {
  open_ = OpenTunnels(wire_, options_.port, options_.tunnels);
  for (const int fd : open_) Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN);
}

void ChatLoad::Chat(int stop) {
  stop_ = stop;
  Watch(epoll_, EPOLL_CTL_ADD, stop_, EPOLLIN);
  const double per_second = static_cast<double>(open_.size()) * 1000 / options_.interval.count();
  Pace pace(per_second, Clock::now());
  size_t turn = 0;
  while (!stopped_) {
    Serve(pace.MillisecondsLeft(Clock::now()));
    for (int due = pace.TakeDue(Clock::now()); due > 0; --due) {
      const int fd = open_[turn++ % open_.size()];
      Tunnel& tunnel = tunnels_[static_cast<size_t>(fd)];
      if (tunnel.waiting()) {
        if (!tunnel.lost) ++report_.skipped;
      } else {
        Say(fd, tunnel);
      }
    }
  }
  Watch(epoll_, EPOLL_CTL_DEL, stop_, 0);
}

ChatLoad::Report ChatLoad::Finish() {
  report_.median = Percentile(0.5);
  report_.p99 = Percentile(0.99);
  report_.slowest = Percentile(1);
  for (const int fd : open_) {
    Tunnel& tunnel = tunnels_[static_cast<size_t>(fd)];
    if (!tunnel.waiting()) Say(fd, tunnel);
  }
  const Clock::time_point end = Clock::now() + kLastEchoes;
  while (AnyWaiting() && Clock::now() < end) Serve(/*timeout_ms=*/100);
  for (const int fd : open_) {
    report_.sent += tunnels_[static_cast<size_t>(fd)].sent;
    report_.echoed += tunnels_[static_cast<size_t>(fd)].echoes.received();
  }
  return report_;
}

void ChatLoad::Serve(int timeout_ms) {
  std::array<epoll_event, kMaxEvents> events;
  const int count = epoll_wait(epoll_, events.data(), kMaxEvents, timeout_ms);
  for (int i = 0; i < count; ++i) {
    const int fd = events[static_cast<size_t>(i)].data.fd;
    if (fd == stop_) {
      stopped_ = true;
    } else {
      Hear(fd, tunnels_[static_cast<size_t>(fd)]);
    }
  }
}

void ChatLoad::Say(int fd, Tunnel& tunnel) {
  if (tunnel.lost) return;
  const std::string_view frame = outgoing_.WithSequence(tunnel.sent);
  tunnel.spoke = Clock::now();
  // Nothing else is under way in this direction: the kernel takes it whole or the tunnel is broken.
  const ssize_t written = wire_.Send(fd, frame);
  ++tunnel.sent;
  if (written != static_cast<ssize_t>(frame.size())) Lose(fd, tunnel, std::strerror(errno));
}

void ChatLoad::Hear(int fd, Tunnel& tunnel) {
  if (tunnel.lost) return;
  const ssize_t bytes = wire_.Receive(fd, buffer_->data(), buffer_->size());
  if (bytes < 0 && errno == EAGAIN) return;
  if (bytes <= 0) return Lose(fd, tunnel, bytes == 0 ? "it has ended" : std::strerror(errno));
  const std::string_view heard(buffer_->data(), static_cast<size_t>(bytes));
  if (!tunnel.echoes.Take(heard, tunnel.sent, expected_)) {
    return Lose(fd, tunnel, "what came is not what was sent");
  }
  if (tunnel.waiting() || stopped_) return;
  const auto delay = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - tunnel.spoke);
  delays_.push_back(static_cast<uint32_t>(delay.count()));
}

void ChatLoad::Lose(int fd, Tunnel& tunnel, const char* why) {
  tunnel.lost = true;
  if (++report_.lost_tunnels <= kMaxReasons) {
    std::fprintf(stderr, "a tunnel is lost after %llu of %llu echoes: %s\n",
                 static_cast<unsigned long long>(tunnel.echoes.received()),
                 static_cast<unsigned long long>(tunnel.sent), why);
  }
  // It stays open, so that its number stays its own, but is not looked at any more.
  Watch(epoll_, EPOLL_CTL_DEL, fd, 0);
}

bool ChatLoad::AnyWaiting() const {
  return std::any_of(open_.begin(), open_.end(), [this](int fd) {
    const Tunnel& tunnel = tunnels_[static_cast<size_t>(fd)];
    return tunnel.waiting() && !tunnel.lost;
  });
}

uint32_t ChatLoad::Percentile(double share) {
  if (delays_.empty()) return 0;
  const auto last = static_cast<double>(delays_.size() - 1);
  const auto place = delays_.begin() + static_cast<std::ptrdiff_t>(share * last);
  std::nth_element(delays_.begin(), place, delays_.end());
  return *place;
}

}  // namespace fairlead::bench
