#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/drain/causes.h"
#include "pkg/drain/drains.h"
#include "pkg/health/monitor.h"
#include "pkg/loop/loop.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::app {

// What is done beside the workers, on one thread of its own: health checks and drains. All methods may be
// called from any thread.
class Housekeeping {
 public:
  struct Options {
    uint64_t seed = 0;
    const base::Clock* clock;                    // exact time; outlives this
    const base::Clock* timeout_clock = nullptr;  // where timeouts take time from; null = the loop's own
    drain::Tunnels* tunnels;                     // outlives this
  };

  explicit Housekeeping(const Options& options);
  ~Housekeeping();

  // Sees to what is in this snapshot from now on.
  void Update(std::shared_ptr<const snapshot::Snapshot> snapshot);

  // Lets go of all tunnels, as the process does when it ends.
  void DrainAll(config::Drain settings);
  // Begins a drain of its own.
  void Begin(drain::Plan plan);
  // As drain::Rebalances has it; `answered` runs on the thread.
  void Rebalance(std::string cluster, std::optional<uint32_t> target, bool dry_run,
                 drain::Rebalances::Answered answered);
  // As of the last tick, the newest first.
  std::vector<drain::DrainStatus> ListDrains() const;
  // Tunnels that the drains under way wait for, by cause: each is there.
  std::map<std::string, int64_t> DrainsRemaining() const;
  // `done` gets whether there was one of that id under way, on the thread.
  void CommandDrain(uint64_t id, drain::Command command, absl::AnyInvocable<void(bool)> done);

  // Runs on the thread.
  void Post(absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); }
  // Nothing is asked and nobody told any more. Idempotent.
  void Stop();

 private:
  mutable std::mutex drains_mutex_;
  std::vector<drain::DrainStatus> listed_;
  loop::Loop loop_;
  std::unique_ptr<health::Monitor> monitor_;
  std::unique_ptr<drain::Drains> drains_;
  std::unique_ptr<drain::Causes> causes_;
  std::thread thread_;
};

}  // namespace fairlead::app
