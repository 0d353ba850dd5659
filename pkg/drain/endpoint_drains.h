#pragma once

#include <memory>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/drain/drains.h"
#include "pkg/endpoint/endpoint.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::drain {

// Lets go of the tunnels of endpoints that leave: that are DRAINING, or in the configuration no more, where
// their cluster has `drain`. An endpoint that comes back keeps what it still has. One thread.
class EndpointDrains {
 public:
  // Outlived by `drains`.
  explicit EndpointDrains(Drains& drains) : drains_(drains) {}

  // From the configuration before, null = none, to that which is in force from now on.
  void Update(const snapshot::Snapshot* before, const snapshot::Snapshot& now);
  // Begins what is to begin; to be called now and then.
  void Step();

 private:
  // An endpoint that leaves; its drain once there is one. One that was cancelled does not begin again before
  // the endpoint has come back and leaves again.
  struct Leaving {
    std::shared_ptr<endpoint::Endpoint> endpoint;
    config::ClusterDrain settings;
    bool configured = false;  // DRAINING, and not gone
    bool cancelled = false;
    Drains::Handle drain;
  };

  void Leave(const std::shared_ptr<endpoint::Endpoint>& endpoint, const config::ClusterDrain& settings,
             bool configured);
  void Step(Leaving& leaving);

  Drains& drains_;
  std::vector<Leaving> leaving_;
};

}  // namespace fairlead::drain
