#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "pkg/base/clock.h"
#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/drain/drains.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::drain {

// Lets go of the tunnels whose keys belong to another endpoint since a change, where their cluster has
// `misplaced: MOVE`: each once the other endpoint would take it, so that they follow one that is in slow
// start, and none is sent away from one that is not well. Those on endpoints that leave are none of them. A
// further change spares those that are at home again. One thread.
class MisplacedDrains {
 public:
  // Outlived by `drains`.
  MisplacedDrains(Drains& drains, uint64_t seed) : drains_(drains), random_(seed) {}

  // What is in force from now on.
  void Update(const snapshot::Snapshot& now, base::MonotonicTime time);
  // Begins what is to begin; to be called now and then.
  void Step(base::MonotonicTime now);

 private:
  // A cluster whose tunnels follow their keys. It is looked for them while there are any, and for a while
  // after a change: tunnels may open that were placed before it.
  struct Followed {
    std::shared_ptr<const snapshot::Cluster> cluster;
    absl::flat_hash_set<const endpoint::Endpoint*> staying = {};  // its endpoints that do not leave
    bool watched = false;
    size_t misplaced = 0;  // when looked for last, those included that cannot go yet
    base::MonotonicTime last_comers = {};
    base::MonotonicTime looked_at = {};
    Drains::Handle drain = nullptr;
  };
  using FollowedPtr = std::shared_ptr<Followed>;

  void Begin(const FollowedPtr& followed, base::MonotonicTime now);
  void Choose(Followed& followed, std::vector<Member>& members);
  bool MayGo(const Followed& followed, const Member& member);
  bool IsMisplaced(const Followed& followed, const Member& member);

  Drains& drains_;
  base::Random random_;
  std::map<std::string, FollowedPtr> followed_;  // by the cluster's name
};

}  // namespace fairlead::drain
