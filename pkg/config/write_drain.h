#pragma once

#include "pkg/config/config.h"
#include "pkg/config/json_writer.h"

namespace fairlead::config::v1 {
class Cluster;
class Drain;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// How tunnels are let go: in JSON and in a message.
void WriteDrain(const Drain& drain, JsonWriter& json);
void WriteDrainMessage(const Drain& drain, v1::Drain* message);
// As members of a cluster.
void WriteClusterDrain(const Resilience& resilience, JsonWriter& json);
void WriteClusterDrainMessage(const Resilience& resilience, v1::Cluster* message);

}  // namespace fairlead::config
