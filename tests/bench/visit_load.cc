#include "tests/bench/visit_load.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tests/bench/net.h"

namespace fairlead::bench {
namespace {

constexpr size_t kPayloadBytes = 64;
constexpr int kMaxEvents = 256;
constexpr int kMaxReasons = 10;
constexpr std::chrono::seconds kPatience{60};  // of a visitor, from its connect to its end
constexpr int kMaxWaitMs = 200;                // how often slow visitors are looked for

}  // namespace

VisitLoad::VisitLoad(uint16_t port, double per_second)
    : port_(port),
      per_second_(per_second),
      epoll_(NewEpoll()),
      outgoing_(Message::FromClient(kPayloadBytes)),
      expected_(Message::FromServer(kPayloadBytes)) {}

VisitLoad::Report VisitLoad::Run(int stop) {
  Watch(epoll_, EPOLL_CTL_ADD, stop, EPOLLIN);
  Pace pace(per_second_, Clock::now());
  bool stopped = false;
  std::array<epoll_event, kMaxEvents> events;
  while (!stopped || !visits_.empty()) {
    const int wait = stopped ? kMaxWaitMs : std::min(kMaxWaitMs, pace.MillisecondsLeft(Clock::now()));
    const int count = epoll_wait(epoll_, events.data(), kMaxEvents, wait);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd != stop) {
        Continue(fd, visits_.at(fd));
      } else {
        stopped = true;
        Watch(epoll_, EPOLL_CTL_DEL, stop, 0);
      }
    }
    const Clock::time_point now = Clock::now();
    for (int due = stopped ? 0 : pace.TakeDue(now); due > 0; --due) StartOne();
    GiveUpSlow(now);
  }
  return report_;
}

void VisitLoad::StartOne() {
  ++report_.visits;
  Visit visit(port_);
  const int fd = TryConnect(port_);
  if (fd < 0) return Fail(visit, std::strerror(errno));
  visits_.emplace(fd, std::move(visit));
  Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLOUT);
}

void VisitLoad::Continue(int fd, Visit& visit) {
  if (visit.stage == Stage::kOpening) {
    Open(fd, visit);
  } else if (visit.stage == Stage::kTalking) {
    Talk(fd, visit);
  } else {
    Leave(fd, visit);
  }
  if (visit.stage != Stage::kGone) return;
  close(fd);
  visits_.erase(fd);
}

void VisitLoad::Open(int fd, Visit& visit) {
  const Handshake::Progress progress = visit.handshake.Try(fd);
  if (progress == Handshake::Progress::kRefused) {
    const std::string_view answer = visit.handshake.answer();
    return Fail(visit, answer.empty() ? std::strerror(errno) : answer);
  }
  if (progress == Handshake::Progress::kUnderWay) return Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
  visit.stage = Stage::kTalking;
  const std::string_view frame = outgoing_.WithSequence(0);
  const ssize_t written = send(fd, frame.data(), frame.size(), MSG_NOSIGNAL);
  if (written != static_cast<ssize_t>(frame.size())) Fail(visit, std::strerror(errno));
}

void VisitLoad::Talk(int fd, Visit& visit) {
  std::array<char, 4096> buffer;
  const ssize_t bytes = recv(fd, buffer.data(), buffer.size(), 0);
  if (bytes < 0 && errno == EAGAIN) return;
  if (bytes <= 0) return Fail(visit, bytes == 0 ? "it has ended" : std::strerror(errno));
  if (!visit.echoes.Take({buffer.data(), static_cast<size_t>(bytes)}, /*sent=*/1, expected_)) {
    return Fail(visit, "what came is not what was sent");
  }
  if (visit.echoes.received() == 0) return;
  visit.stage = Stage::kLeaving;
  if (shutdown(fd, SHUT_WR) != 0) Fail(visit, std::strerror(errno));
}

void VisitLoad::Leave(int fd, Visit& visit) {
  char byte;
  const ssize_t bytes = recv(fd, &byte, 1, 0);
  if (bytes < 0 && errno == EAGAIN) return;
  if (bytes > 0) return Fail(visit, "bytes behind the last echo");
  if (bytes < 0) return Fail(visit, std::strerror(errno));
  visit.stage = Stage::kGone;
}

void VisitLoad::Fail(Visit& visit, std::string_view why) {
  const auto count = [&](uint64_t& failures, const char* what) {
    if (++failures > kMaxReasons) return;
    std::fprintf(stderr, "a visitor got %s: %.*s\n", what, static_cast<int>(why.size()), why.data());
  };
  if (visit.stage == Stage::kOpening) count(report_.without_101, "no 101");
  if (visit.stage == Stage::kTalking) count(report_.unanswered, "no echo");
  if (visit.stage == Stage::kLeaving) count(report_.cut, "no end in order");
  visit.stage = Stage::kGone;
}

void VisitLoad::GiveUpSlow(Clock::time_point now) {
  for (auto i = visits_.begin(); i != visits_.end();) {
    if (now - i->second.began < kPatience) {
      ++i;
      continue;
    }
    Fail(i->second, "it took too long");
    close(i->first);
    i = visits_.erase(i);
  }
}

}  // namespace fairlead::bench
