#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/config/config.h"
#include "pkg/drain/drains.h"
#include "pkg/drain/endpoint_drains.h"
#include "pkg/drain/misplaced_drains.h"
#include "pkg/drain/rebalances.h"
#include "pkg/drain/route_drains.h"
#include "pkg/drain/shutdown_drain.h"
#include "pkg/loop/loop.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::drain {

// All that decides who is to be let go, each cause on its own: tells them what is in force, and has them look
// once a second. On a loop; one thread.
class Causes final : private base::DeadlineWheel::Entry {
 public:
  // The references outlive this.
  Causes(loop::Loop& loop, Drains& drains, uint64_t seed);

  // What is in force from now on.
  void Update(std::shared_ptr<const snapshot::Snapshot> snapshot);
  // The process is to end: once its window has begun, no other cause begins anything.
  void Shutdown(const config::Drain& settings);
  // As Rebalances has it.
  void Rebalance(const std::string& cluster, std::optional<uint32_t> target, bool dry_run,
                 Rebalances::Answered answered);

 private:
  void OnDeadline(base::MonotonicTime now) override { Step(now); }
  void Step(base::MonotonicTime now);
  bool IsEnding(base::MonotonicTime now) const;

  loop::Loop& loop_;
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  EndpointDrains endpoints_;
  RouteDrains routes_;
  MisplacedDrains misplaced_;
  Rebalances rebalances_;
  ShutdownDrain shutdown_;
};

}  // namespace fairlead::drain
