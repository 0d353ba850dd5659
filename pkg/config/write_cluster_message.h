#pragma once

#include "pkg/config/config.h"

namespace google::protobuf {
class Duration;
}
namespace fairlead::config::v1 {
class Cluster;
}

namespace fairlead::config {

// Fills in an empty message, every default explicit.
void WriteClusterMessage(const Cluster& cluster, v1::Cluster* message);
void WriteDurationMessage(base::Duration duration, google::protobuf::Duration* message);

}  // namespace fairlead::config
