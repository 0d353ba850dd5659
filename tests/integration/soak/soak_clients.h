#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "pkg/base/address.h"
#include "tests/integration/soak/poller.h"
#include "tests/integration/soak/soak_tunnel.h"

namespace fairlead::testing {

// The clients of the soak, on a thread of their own: keeps so many tunnels open until it is told to stop, and
// then lets them end.
class SoakClients {
 public:
  struct Result {
    uint64_t connected = 0;             // to the steady listener
    uint64_t calm = 0;                  // opened and ended as planned
    uint64_t wild = 0;                  // opened, and reset in one way or another
    uint64_t calm_bytes = 0;            // sent on calm tunnels, and received as often
    uint64_t client_ended = 0;          // of the calm ones
    uint64_t not_accepted = 0;          // at the listener that comes and goes
    std::vector<std::string> failures;  // the first few
    uint64_t failed = 0;
  };

  SoakClients(base::SocketAddress steady, size_t at_once);
  ~SoakClients();

  // Where the listener is that comes and goes; nothing while there is none. Any thread.
  void SetPassing(std::optional<base::SocketAddress> address);
  // Opens no more, and waits until the last has ended. Nothing when some never do.
  std::optional<Result> Finish();
  uint64_t started() const { return started_; }

 private:
  void Run();
  void OpenOne();
  TunnelPlan Plan();
  void Conclude(const SoakTunnel& tunnel, SoakTunnel::Outcome outcome);

  const base::SocketAddress steady_;
  const size_t at_once_;
  std::mutex mutex_;
  std::optional<base::SocketAddress> passing_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> stuck_{false};
  std::atomic<uint64_t> started_{0};

  // The thread's own.
  std::mt19937_64 random_{1};
  Poller poller_;
  std::unordered_map<uint64_t, std::unique_ptr<SoakTunnel>> tunnels_;
  Result result_;

  std::thread thread_;
};

}  // namespace fairlead::testing
