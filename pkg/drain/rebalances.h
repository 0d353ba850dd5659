#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/drain/drains.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::drain {

// What came of asking for a rebalance.
struct RebalanceAnswer {
  enum class Verdict : uint8_t {
    kFine,
    kNoCluster,
    kHashes,      // keys say where its tunnels belong
    kRoundRobin,  // its tunnels would be dealt over all again
    kSticky,      // a cookie would bring them back to where they were
    kUnderWay,    // there is one
    kResting,     // there was one, less than its cool-down ago
  };
  Verdict verdict = Verdict::kFine;
  double max_over_mean = 0;  // as it is now
  double target = 0;
  size_t moves = 0;       // how many tunnels it moves, or would
  uint64_t drain_id = 0;  // 0 = none began
};

// Levels the endpoints of clusters whose policy goes by load: those that hold more than the target let
// tunnels go, which come back to where there is room. By itself where the cluster has `rebalance`, and when
// somebody asks. It does not flap: young tunnels stay, and between two of a cluster lies its cool-down. One
// that is cancelled begins again by itself only after the cluster has changed. One thread.
class Rebalances {
 public:
  // Outlived by `drains`.
  Rebalances(Drains& drains, uint64_t seed) : drains_(drains), random_(seed) {}

  // What is in force from now on.
  void Update(std::shared_ptr<const snapshot::Snapshot> now);
  // Begins what is to begin, and stops where the target is reached; to be called now and then.
  void Step(base::MonotonicTime now);

  using Answered = absl::AnyInvocable<void(const RebalanceAnswer&)>;
  // `target` in thousandths; nothing = as configured, or the default. A dry run moves nobody, and is answered
  // also where a rebalance could not begin now.
  void Start(const std::string& cluster, std::optional<uint32_t> target, bool dry_run,
             base::MonotonicTime now, Answered answered);

 private:
  struct Levelled {
    std::shared_ptr<const snapshot::Cluster> cluster;
    Drains::Handle drain = nullptr;
    bool asked_for = false;     // the drain was
    bool heeds_cancel = false;  // the cluster is the one that it was cancelled for, if it was
    bool stands_still = false;  // until the cluster changes, or somebody asks
    double target = 0;          // of the drain
    base::MonotonicTime rests_until = {};
  };
  using LevelledPtr = std::shared_ptr<Levelled>;

  void Step(Levelled& levelled, base::MonotonicTime now);
  void Trim(const Levelled& levelled);
  Plan PlanOf(std::shared_ptr<const snapshot::Cluster> cluster, double target);
  void Choose(const snapshot::Cluster& cluster, double target, std::vector<Member>& members);
  RebalanceAnswer::Verdict VerdictOn(const std::string& cluster, base::MonotonicTime now) const;

  Drains& drains_;
  base::Random random_;
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  std::map<std::string, LevelledPtr> levelled_;  // by the cluster's name
};

}  // namespace fairlead::drain
