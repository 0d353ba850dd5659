#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "pkg/ctl/session.h"

namespace grpc {
class ChannelInterface;
}

namespace fairlead::ctl {

// Inside this room only: a channel to a proxy's control API; does not connect yet. A port needs all three TLS
// files. What gRPC would log goes nowhere: the status of a call says it.
absl::StatusOr<std::shared_ptr<grpc::ChannelInterface>> Dial(const Server& server);

// The whole file; an error names it and what is to be done.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

}  // namespace fairlead::ctl
