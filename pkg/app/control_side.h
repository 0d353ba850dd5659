#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "pkg/app/live_data_plane.h"
#include "pkg/apply/applier.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/control/control_server.h"
#include "pkg/control/fleet_client.h"
#include "pkg/telemetry/process_stats.h"

namespace fairlead::app {

// What `control` of the bootstrap asks for beside the applier: the API that is served, and the control plane
// that is dialled; either, both or neither.
class ControlSide {
 public:
  struct Options {
    config::Bootstrap bootstrap;
    apply::Applier* applier;  // the pointers outlive this
    telemetry::ProcessStats* stats;
    const base::Clock* clock;
    uint64_t seed = 0;
    LiveDataPlane::Sources sources;
  };

  // Fails when the API cannot be served; a control plane that is not there is dialled again.
  static absl::StatusOr<std::unique_ptr<ControlSide>> Start(Options options);
  ~ControlSide() = default;
  ControlSide(const ControlSide&) = delete;
  ControlSide& operator=(const ControlSide&) = delete;

 private:
  explicit ControlSide(Options options);

  const Options options_;
  LiveDataPlane data_plane_;
  std::unique_ptr<control::FleetClient> fleet_;
  std::unique_ptr<control::ControlServer> server_;
};

}  // namespace fairlead::app
