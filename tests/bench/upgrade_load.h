#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/bench/handshake.h"

namespace fairlead::bench {

/// Opens tunnels and closes them as soon as they are open, a bounded number at a time. The client ends
/// first (FIN), then waits for the proxy's end, so that nothing is left under way when Run() returns.
class UpgradeLoad {
 public:
  UpgradeLoad(uint16_t port, int concurrency);

  /// Opens and closes `count` tunnels.
  void Run(int count);

 private:
  void StartOne();
  /// Moves one tunnel on; true when it is over.
  bool Continue(int fd);

  const uint16_t port_;
  const int concurrency_;
  const int epoll_;
  std::vector<std::optional<Handshake>> handshakes_;  // by descriptor; empty once the 101 has come
};

}  // namespace fairlead::bench
