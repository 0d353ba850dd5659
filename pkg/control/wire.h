#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "pkg/apply/impact.h"
#include "pkg/apply/status.h"
#include "pkg/base/clock.h"
#include "pkg/control/fleet_status.h"
#include "pkg/tunnel/listing.h"

namespace google::protobuf {
class Duration;
class Timestamp;
}  // namespace google::protobuf
namespace fairlead::control::v1 {
class FleetStatus;
class Impact;
class Revision;
class Tunnel;
class TunnelSelector;
}  // namespace fairlead::control::v1

namespace fairlead::control {

// Inside this room only: our values as messages, and back. Each overwrites what it fills.

void ToWire(base::WallTime time, google::protobuf::Timestamp* message);
void ToWire(base::Duration duration, google::protobuf::Duration* message);
void ToWire(const apply::Impact& impact, v1::Impact* message);
void ToWire(const apply::RevisionInfo& revision, v1::Revision* message);
void ToWire(const FleetStatus& status, v1::FleetStatus* message);
void ToWire(const tunnel::Row& row, v1::Tunnel* message);

// 16 hexadecimal digits.
std::optional<uint64_t> ParseHex(std::string_view text);

// False when an id is not 16 hexadecimal digits.
bool FromWire(const v1::TunnelSelector& message, tunnel::Selector* selector);

}  // namespace fairlead::control
