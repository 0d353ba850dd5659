#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "pkg/config/config.h"

namespace grpc {
class Channel;
}

namespace fairlead::control {

// Inside this room only: a channel to the control plane that shares nothing with any before it, with the
// certificates as they are on disk now. Does not connect yet. Without `ca_file` in plaintext, and then only
// to a unix socket or to loopback.
absl::StatusOr<std::shared_ptr<grpc::Channel>> DialFleet(const config::Fleet& fleet);

}  // namespace fairlead::control
