#pragma once

#include <string_view>

#include "pkg/tunnel/listing.h"

namespace grpc {
class Status;
}
namespace fairlead::control::v1 {
class TunnelSelector;
}

namespace fairlead::control {

// Inside this room only: which tunnels a request names. INVALID_ARGUMENT for what no tunnel could have;
// `field` is where the message stands in the request.
grpc::Status ReadSelector(const v1::TunnelSelector& message, std::string_view field,
                          tunnel::Selector* selector);

}  // namespace fairlead::control
