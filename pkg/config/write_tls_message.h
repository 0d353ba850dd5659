#pragma once

#include "pkg/config/tls.h"

namespace fairlead::config::v1 {
class ClusterTls;
class ListenerTls;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Inside this room only. A key that stands in the configuration is told by its hash.
void WriteListenerTlsMessage(const ListenerTls& tls, v1::ListenerTls* message);
void WriteClusterTlsMessage(const ClusterTls& tls, v1::ClusterTls* message);

}  // namespace fairlead::config
