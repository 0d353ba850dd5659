#pragma once

#include "pkg/config/json_writer.h"
#include "pkg/config/tls.h"

namespace fairlead::config {

// Inside this room only: the members `tls`. A key that stands in the configuration is told by its hash.
void WriteListenerTls(const ListenerTls& tls, JsonWriter& json);
void WriteClusterTls(const ClusterTls& tls, JsonWriter& json);

}  // namespace fairlead::config
