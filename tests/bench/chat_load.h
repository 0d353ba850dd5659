#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tests/bench/echo_check.h"
#include "tests/bench/message.h"
#include "tests/bench/pace.h"
#include "tests/bench/wire.h"

namespace fairlead::bench {

/// Tunnels that chat: each says something once in an interval, and must hear it again, byte by byte and in
/// order. Unlike EchoLoad it goes on when a tunnel is lost, and counts.
class ChatLoad {
 public:
  struct Options {
    uint16_t port;
    int tunnels;
    std::chrono::milliseconds interval;  // from one message of a tunnel to its next
  };

  struct Report {
    int lost_tunnels = 0;  // that have ended, or brought what nobody has said
    uint64_t sent = 0;
    uint64_t echoed = 0;   // what is missing of `sent` is lost
    uint64_t skipped = 0;  // turns at which a tunnel was still waiting for its echo
    // Of the echoes heard during Chat(), in microseconds.
    uint32_t median = 0;
    uint32_t p99 = 0;
    uint32_t slowest = 0;
  };

  /// `wire` must outlive it.
  ChatLoad(const Options& options, Wire& wire);

  /// Opens all tunnels. One that does not open ends the process.
  void Open();

  /// Chats until `stop`, a descriptor of a pipe or socket, can be read.
  void Chat(int stop);

  /// Has every tunnel say one thing more, and waits for all echoes that are still to come, a bounded time.
  Report Finish();

 private:
  struct Tunnel {
    uint64_t sent = 0;
    EchoCheck echoes;
    Clock::time_point spoke;
    bool lost = false;

    bool waiting() const { return echoes.received() < sent; }
  };

  void Serve(int timeout_ms);
  void Say(int fd, Tunnel& tunnel);
  void Hear(int fd, Tunnel& tunnel);
  void Lose(int fd, Tunnel& tunnel, const char* why);
  bool AnyWaiting() const;
  uint32_t Percentile(double share);

  const Options options_;
  Wire& wire_;
  const int epoll_;
  Message outgoing_;
  Message expected_;
  std::vector<Tunnel> tunnels_;  // by descriptor
  std::vector<int> open_;        // descriptors, also of those that were lost
  std::unique_ptr<std::array<char, 64 * 1024>> buffer_;
  int stop_ = -1;
  bool stopped_ = false;
  Report report_;
  std::vector<uint32_t> delays_;  // of each echo, in microseconds
};

}  // namespace fairlead::bench
