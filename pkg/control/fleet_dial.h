#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/control/fleet_files.h"

namespace grpc {
class Channel;
}

namespace fairlead::control {

// Inside this room only: a channel to the control plane that shares nothing with any before it. Does not
// connect yet. Without `ca_file` in plaintext, and then only to a unix socket or to loopback. After so long
// a silence it asks whether the plane is there, and waits as long again for the answer.
absl::StatusOr<std::shared_ptr<grpc::Channel>> DialFleet(const config::Fleet& fleet, const FleetFiles& files,
                                                         base::Duration keepalive);

}  // namespace fairlead::control
