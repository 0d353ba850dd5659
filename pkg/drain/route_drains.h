#pragma once

#include <string>
#include <vector>

#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/drain/drains.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::drain {

// Lets go of the tunnels of routes that were removed, where they had `on_removed: DRAIN`: those of each
// cluster as its `drain` says. A route that comes back keeps what it still has. One thread.
class RouteDrains {
 public:
  // Outlived by `drains`.
  explicit RouteDrains(Drains& drains) : drains_(drains) {}

  // From the configuration before, null = none, to that which is in force from now on.
  void Update(const snapshot::Snapshot* before, const snapshot::Snapshot& now, base::MonotonicTime time);
  // Begins what is to begin; to be called now and then.
  void Step(base::MonotonicTime now);

 private:
  // A removed route and one of its clusters. Upgrades that were under way come late: it is looked for them
  // until nobody more can come, and all who came have gone.
  struct Removed {
    std::string route;
    std::string cluster;
    config::ClusterDrain settings;
    base::MonotonicTime last_comers;
    base::MonotonicTime looked_at;
    Drains::Handle drain;
  };

  void Begin(Removed& removed, base::MonotonicTime now);

  Drains& drains_;
  std::vector<Removed> removed_;
};

}  // namespace fairlead::drain
