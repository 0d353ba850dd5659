#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "pkg/admission/budget.h"
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
    std::string version;
    base::WallTime started_at;
  };

  explicit LiveDataPlane(Sources sources);
  // Whoever asked has been answered.
  ~LiveDataPlane();

  control::ProcessStatus GetStatus() const override;
  void ListTunnels(tunnel::Selector selector, Listed listed) override;
  void CloseTunnels(tunnel::Selector selector, double rate, Selected selected) override;
  void StartDrain() override { sources_.start_drain(); }

 private:
  const Sources sources_;
  // Puts the answers of the workers together: what follows an answer is not for a worker.
  loop::Loop loop_;
  std::thread thread_;
};

}  // namespace fairlead::app
