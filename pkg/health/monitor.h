#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/endpoint/cluster_state.h"
#include "pkg/endpoint/endpoint.h"
#include "pkg/health/probe_budget.h"
#include "pkg/health/ramps.h"
#include "pkg/health/watch.h"
#include "pkg/loop/loop.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/tls/workspace.h"

namespace fairlead::health {

// Keeps the conditions of all endpoints up to date: active checks, the return of those that were ejected,
// slow start. One for the process, on a loop of its own; one thread.
class Monitor final : private base::DeadlineWheel::Entry {
 public:
  // `loop` outlives it. `seed` of all its chance.
  Monitor(loop::Loop& loop, uint64_t seed)
      : loop_(loop),
        workspace_([&loop](absl::AnyInvocable<void()> task) { loop.Post(std::move(task)); },
                   [&loop]() -> base::DeadlineWheel& { return loop.deadlines(); }),
        random_(seed) {}

  // Sees to the endpoints of this snapshot and no others; what is known of one stays known.
  void Update(const snapshot::Snapshot& snapshot);

 private:
  // More are not under way at once: backends that do not answer are then asked later than they should be.
  static constexpr size_t kMaxProbes = 512;
  // A cluster whose ejections end: by the clock, or, where it ejects nobody any more, at once.
  struct Ejecting {
    std::shared_ptr<endpoint::ClusterState> cluster;
    bool by_clock = false;
  };
  using Watches = std::unordered_map<const endpoint::Endpoint*, std::unique_ptr<Watch>>;

  void UpdateWatches(const snapshot::Snapshot& snapshot);
  void UpdateEjections(const snapshot::Snapshot& snapshot);
  void UpdateRamps(const snapshot::Snapshot& snapshot);
  bool KnownToWork(const endpoint::Endpoint& endpoint) const;
  void Beat(base::MonotonicTime now);
  void OnDeadline(base::MonotonicTime now) override { Beat(now); }

  loop::Loop& loop_;
  tls::Workspace workspace_;
  base::Random random_;
  Ramps ramps_;
  ProbeBudget budget_{kMaxProbes};
  Watches watches_;
  // All of the configuration: who has an older one still may eject in any of them.
  std::vector<Ejecting> ejecting_;
};

}  // namespace fairlead::health
