#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/bench/handshake.h"
#include "tests/bench/wire.h"

namespace fairlead::bench {

/// Opens tunnels and closes them as soon as they are open, a bounded number at a time. The client ends
/// first (FIN, or close_notify), then waits for the proxy's end, so that nothing is left under way when Run()
/// returns.
class UpgradeLoad {
 public:
  /// `wire` must outlive it.
  UpgradeLoad(uint16_t port, int concurrency, Wire& wire);

  /// Opens and closes `count` tunnels.
  void Run(int count);

 private:
  void StartOne();
  /// Moves one tunnel on; true when it is over.
  bool Continue(int fd);

  const uint16_t port_;
  const int concurrency_;
  Wire& wire_;
  const int epoll_;
  std::vector<std::optional<Handshake>> handshakes_;  // by descriptor; empty once the 101 has come
};

}  // namespace fairlead::bench
