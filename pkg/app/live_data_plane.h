#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "pkg/admission/budget.h"
#include "pkg/app/housekeeping.h"
#include "pkg/control/data_plane.h"
#include "pkg/loop/loop.h"
#include "pkg/proxy/worker.h"
#include "pkg/telemetry/process_stats.h"
#include "pkg/telemetry/stats_registry.h"

namespace fairlead::app {

// What the control API asks, put to the workers.
class LiveDataPlane final : public control::DataPlane {
 public:
  // All outlives this.
  struct Sources {
    const std::vector<std::unique_ptr<proxy::Worker>>* workers;
    const telemetry::StatsRegistry* stats;
    const telemetry::ProcessStats* process;
    const admission::Budget* connections;
    std::function<absl::Status()> ready;  // any thread
    std::function<void()> start_drain;    // likewise
    std::function<bool()> drained;        // likewise
    Housekeeping* housekeeping;
    std::function<std::shared_ptr<const snapshot::Snapshot>()> in_force;  // likewise
    std::string version;
    base::WallTime started_at;
  };

  explicit LiveDataPlane(Sources sources);
  // Whoever asked has been answered.
  ~LiveDataPlane();

  control::ProcessStatus GetStatus() const override;
  void ListTunnels(tunnel::Selector selector, Listed listed) override;
  void CloseTunnels(tunnel::Selector selector, double rate, tunnel::CloseOrder order,
                    Selected selected) override;
  void StartRebalance(std::string cluster, std::optional<uint32_t> target, bool dry_run,
                      drain::Rebalances::Answered answered) override;
  void StartDrain() override { sources_.start_drain(); }
  std::vector<drain::DrainStatus> ListDrains() const override { return sources_.housekeeping->ListDrains(); }
  void CommandDrain(uint64_t id, drain::Command command, absl::AnyInvocable<void(bool)> done) override {
    sources_.housekeeping->CommandDrain(id, command, std::move(done));
  }

 private:
  const Sources sources_;
  // Puts the answers of the workers together: what follows an answer is not for a worker.
  loop::Loop loop_;
  std::thread thread_;
};

}  // namespace fairlead::app
