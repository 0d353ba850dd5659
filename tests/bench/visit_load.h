#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "tests/bench/echo_check.h"
#include "tests/bench/handshake.h"
#include "tests/bench/message.h"
#include "tests/bench/pace.h"
#include "tests/bench/wire.h"

namespace fairlead::bench {

/// Visitors who come at a steady rate, whatever becomes of those before them. Each connects, upgrades, says
/// one thing, hears it again, ends its side, and waits for the other side to end. Unlike UpgradeLoad it goes
/// on when something fails, and counts.
class VisitLoad {
 public:
  struct Report {
    uint64_t visits = 0;
    uint64_t without_101 = 0;  // refused, or not let in for a minute
    uint64_t unanswered = 0;   // let in, and then no echo
    uint64_t cut = 0;          // the other side has not ended in its turn and in order
  };

  /// `wire` must outlive it.
  VisitLoad(uint16_t port, double per_second, Wire& wire);

  /// Lets visitors come until `stop`, a descriptor of a pipe or socket, can be read; then waits, a bounded
  /// time, until all have left.
  Report Run(int stop);

 private:
  enum class Stage { kOpening, kTalking, kLeaving, kGone };

  struct Visit {
    explicit Visit(uint16_t port) : handshake(port) {}
    Handshake handshake;
    EchoCheck echoes;
    Stage stage = Stage::kOpening;
    Clock::time_point began = Clock::now();
  };

  void StartOne();
  void Continue(int fd, Visit& visit);
  void Open(int fd, Visit& visit);
  void Talk(int fd, Visit& visit);
  void Leave(int fd, Visit& visit);
  void Fail(Visit& visit, std::string_view why);
  void GiveUpSlow(Clock::time_point now);

  const uint16_t port_;
  const double per_second_;
  Wire& wire_;
  const int epoll_;
  Message outgoing_;
  Message expected_;
  std::unordered_map<int, Visit> visits_;  // by descriptor
  Report report_;
};

}  // namespace fairlead::bench
