#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "pkg/apply/applier.h"
#include "pkg/base/clock.h"
#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/control/backoff.h"
#include "pkg/control/fleet_status.h"
#include "pkg/telemetry/process_stats.h"

namespace grpc {
class ClientContext;
}

namespace fairlead::control {

// Subscribes to the control plane of `control.fleet` and applies what it sends: dials, says Hello, and then
// takes one update after the other, reading the next when the last is answered, so that a plane that floods
// fills its own buffers and not ours. When the stream breaks the proxy serves what it has, and this dials
// again after a Backoff. Certificates are read anew for each dial. A plane that is gone without a word is
// noticed within 20 s.
class FleetClient {
 public:
  struct Options {
    apply::Applier* applier;
    const config::Bootstrap* bootstrap;  // with control.fleet
    telemetry::ProcessStats* stats;
    const base::Clock* clock;
    std::string version;  // of this program
    uint64_t seed = 0;
  };

  // Dials within kFirstDialWithin, on a thread of its own. What the options refer to outlives this.
  explicit FleetClient(Options options);
  // Hangs up. The applier still answers what it was asked.
  ~FleetClient();
  FleetClient(const FleetClient&) = delete;
  FleetClient& operator=(const FleetClient&) = delete;

  // So that the sidecars of a fleet that starts at once do not dial at once.
  static constexpr base::Duration kFirstDialWithin{1000};

  // Any thread.
  FleetStatus status() const;

 private:
  class Stream;

  void Run();
  // Serves one stream to its end, which it names.
  std::string RunStream();
  // False when it is time to go.
  bool Sleep(base::Duration duration);
  void SetConnected(bool connected, const std::string& error);

  const Options options_;
  base::Random random_;
  Backoff backoff_{random_};

  mutable std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  grpc::ClientContext* call_ = nullptr;  // under way
  FleetStatus status_;

  std::thread thread_;
};

}  // namespace fairlead::control
