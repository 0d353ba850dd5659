#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pkg/apply/impact.h"
#include "pkg/apply/status.h"
#include "pkg/base/clock.h"
#include "pkg/control/fleet_status.h"
#include "pkg/drain/drains.h"
#include "pkg/tunnel/listing.h"

namespace google::protobuf {
class Duration;
class Timestamp;
}  // namespace google::protobuf
namespace fairlead::control::v1 {
class Drain;
class FleetStatus;
class Impact;
class Revision;
class Tunnel;
}  // namespace fairlead::control::v1

namespace fairlead::control {

// Inside this room only: our values as messages. Each overwrites what it fills.

void ToWire(base::WallTime time, google::protobuf::Timestamp* message);
void ToWire(std::chrono::microseconds duration, google::protobuf::Duration* message);
void ToWire(const apply::Impact& impact, v1::Impact* message);
void ToWire(const apply::RevisionInfo& revision, v1::Revision* message);
void ToWire(const FleetStatus& status, v1::FleetStatus* message);
void ToWire(const tunnel::Row& row, v1::Tunnel* message);
void ToWire(const drain::DrainStatus& drain, v1::Drain* message);

// 16 hexadecimal digits.
std::optional<uint64_t> ParseHex(std::string_view text);

}  // namespace fairlead::control
