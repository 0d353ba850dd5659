#include "pkg/telemetry/listener_stats.h"

namespace fairlead::telemetry {

void ListenerInstruments::Absorb(const ListenerInstruments& other) {
  open_connections.Add(other.open_connections.value());
  waiting_upgrades.Add(other.waiting_upgrades.value());
  accepted.Add(other.accepted.value());
  for (size_t i = 0; i < kConnectionRejectCount; ++i)
    connections_rejected[i].Add(other.connections_rejected[i].value());
  for (size_t i = 0; i < kRejectReasonCount; ++i)
    upgrades_rejected[i].Add(other.upgrades_rejected[i].value());
}

}  // namespace fairlead::telemetry
