#pragma once

#include "pkg/config/json_writer.h"
#include "pkg/config/resilience.h"

namespace fairlead::config::v1 {
class Cluster;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// What ReadResilience reads, as members of a cluster: in JSON and in a message.
void WriteResilience(const Resilience& resilience, JsonWriter& json);
void WriteResilienceMessage(const Resilience& resilience, v1::Cluster* message);

}  // namespace fairlead::config
