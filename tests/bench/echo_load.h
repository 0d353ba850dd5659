#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tests/bench/echo_check.h"
#include "tests/bench/message.h"
#include "tests/bench/wire.h"

namespace fairlead::bench {

/// Tunnels that send numbered messages and compare every byte that comes back with what must come back.
/// A lost, damaged or reordered byte ends the process.
class EchoLoad {
 public:
  struct Options {
    uint16_t port;
    int tunnels;
    size_t payload_bytes;  // of each message, at least kSequenceBytes
    uint64_t window;       // messages in flight in each tunnel
  };

  /// `wire` must outlive it.
  EchoLoad(const Options& options, Wire& wire);

  /// Opens all tunnels, a few at a time.
  void Open();

  /// Sends `messages` in each tunnel and waits for all echoes.
  void Exchange(uint64_t messages);

 private:
  struct Tunnel {
    uint64_t to_send = 0;   // number of the first message that is not for this Exchange()
    uint64_t sent = 0;      // messages handed to the kernel whole
    size_t sent_bytes = 0;  // of the next one
    EchoCheck echoes;
    bool blocked = false;  // EPOLLOUT is asked for
  };

  void Send(int fd, Tunnel& tunnel);
  bool Receive(int fd, Tunnel& tunnel);

  const Options options_;
  Wire& wire_;
  const int epoll_;
  Message outgoing_;
  Message expected_;
  std::vector<Tunnel> tunnels_;  // by descriptor
  std::vector<int> open_;        // descriptors
  std::unique_ptr<std::array<char, 256 * 1024>> buffer_;
};

}  // namespace fairlead::bench
