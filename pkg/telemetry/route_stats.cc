#include "pkg/telemetry/route_stats.h"

namespace fairlead::telemetry {

void RouteInstruments::Absorb(const RouteInstruments& other) {
  for (size_t i = 0; i < open_tunnels.size(); ++i) open_tunnels[i].Add(other.open_tunnels[i].value());
  for (size_t i = 0; i < kCloseReasonCount; ++i) tunnels_closed[i].Add(other.tunnels_closed[i].value());
  upgrades.Absorb(other.upgrades);
  requests.Absorb(other.requests);
  retries.Add(other.retries.value());
  retries_over_budget.Add(other.retries_over_budget.value());
  bytes_received.Add(other.bytes_received.value());
  bytes_sent.Add(other.bytes_sent.value());
  websocket.Absorb(other.websocket);
}

}  // namespace fairlead::telemetry
