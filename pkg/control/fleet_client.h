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
#include "pkg/control/fleet_watch.h"
#include "pkg/telemetry/process_stats.h"

namespace grpc {
class ClientContext;
class Status;
}  // namespace grpc

namespace fairlead::control {

// Subscribes to the control plane of `control.fleet` and applies what it sends: dials, says Hello, and then
// takes one update after the other, reading the next when the last is answered, so that a plane that floods
// fills its own buffers and not ours. When the stream breaks the proxy serves what it has, and this dials
// again after a Backoff. Certificates and token are read anew for each dial, and a stream whose files have
// changed is given up for a new one. A plane that is gone without a word is noticed within 20 s.
class FleetClient {
 public:
  struct Options {
    apply::Applier* applier;
    const config::Bootstrap* bootstrap;  // with control.fleet
    telemetry::ProcessStats* stats;
    const base::Clock* clock;
    std::string version;  // of this program
    uint64_t seed = 0;
    // After so long a silence the plane is asked whether it is there, and has as long again to answer. Twice
    // as long after each time that it hung up over too many pings.
    base::Duration keepalive{10'000};
    // How often a stream is looked at: whether it should be given up for a new one (FleetWatch).
    base::Duration look_every{1000};
  };

  // Dials within kFirstDialWithin, on threads of its own. What the options refer to outlives this.
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
  // From here on the stream is looked at; false when it is time to go.
  bool Begin(grpc::ClientContext* call, std::shared_ptr<FleetWatch> watch);
  void Serve(Stream& stream);
  // Why the stream has ended.
  std::string End(const grpc::Status& status);
  // On a thread of its own: gives up the stream that stands when it should be.
  void Watch();
  // False when it is time to go.
  bool Sleep(base::Duration duration);
  void SetConnected(bool connected, const std::string& error);

  const Options options_;
  base::Duration keepalive_;  // longer than was asked for, with a plane that allows fewer pings
  base::Random random_;
  Backoff backoff_{random_};

  mutable std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  grpc::ClientContext* call_ = nullptr;  // under way
  std::shared_ptr<FleetWatch> watch_;    // of that call
  std::string given_up_;                 // why the last call was cancelled; empty = it was not
  FleetStatus status_;

  std::thread thread_;
  std::thread watcher_;
};

}  // namespace fairlead::control
