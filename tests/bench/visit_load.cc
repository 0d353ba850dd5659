#include "tests/bench/visit_load.h"

#include <sys/epoll.h>

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

VisitLoad::VisitLoad(uint16_t port, double per_second, Wire& wire)
    : port_(port),
      per_second_(per_second),
      wire_(wire),
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
  const int fd = wire_.TryConnect(port_);
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
  wire_.Close(fd);
  visits_.erase(fd);
}

void VisitLoad::Open(int fd, Visit& visit) {
  const Handshake::Progress progress = visit.handshake.Try(wire_, fd);
  if (progress == Handshake::Progress::kRefused) {
    const std::string_view answer = visit.handshake.answer();
    return Fail(visit, answer.empty() ? std::strerror(errno) : answer);
  }
  if (progress == Handshake::Progress::kUnderWay) return Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
  visit.stage = Stage::kTalking;
  const std::string_view frame = outgoing_.WithSequence(0);
  const ssize_t written = wire_.Send(fd, frame);
  if (written != static_cast<ssize_t>(frame.size())) Fail(visit, std::strerror(errno));
}

void VisitLoad::Talk(int fd, Visit& visit) {
  std::array<char, 4096> buffer;
  const ssize_t bytes = wire_.Receive(fd, buffer.data(), buffer.size());
  if (bytes < 0 && errno == EAGAIN) return;
  if (bytes <= 0) return Fail(visit, bytes == 0 ? "it has ended" : std::strerror(errno));
  if (!visit.echoes.Take({buffer.data(), static_cast<size_t>(bytes)}, /*sent=*/1, expected_)) {
    return Fail(visit, "what came is not what was sent");
  }
  if (visit.echoes.received() == 0) return;
  visit.stage = Stage::kLeaving;
  if (!wire_.End(fd)) Fail(visit, std::strerror(errno));
}

void VisitLoad::Leave(int fd, Visit& visit) {
  char byte;
  const ssize_t bytes = wire_.Receive(fd, &byte, 1);
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
    wire_.Close(i->first);
    i = visits_.erase(i);
  }
}

}  // namespace fairlead::bench
