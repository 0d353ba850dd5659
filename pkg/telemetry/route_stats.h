#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "pkg/telemetry/close_reason.h"
#include "pkg/telemetry/instruments.h"
#include "pkg/telemetry/stats_block.h"
#include "pkg/telemetry/status_counters.h"
#include "pkg/telemetry/websocket_stats.h"

namespace fairlead::telemetry {

enum class UpgradeKind : uint8_t { kWebSocket, kOther };

// Label values come from the configuration, never from a client. `route` is empty for what no route took,
// `cluster` for what goes to none (a redirect).
struct RouteLabels {
  std::string route;
  std::string cluster;
  std::string listener;  // last, so that sorting keeps what shares route and cluster together

  // What families without `listener` add up under.
  RouteLabels Rest() const { return {route, cluster, {}}; }

  auto operator<=>(const RouteLabels&) const = default;
};

struct RouteInstruments {
  std::array<Gauge, 2> open_tunnels;                      // by UpgradeKind
  std::array<Counter, kCloseReasonCount> tunnels_closed;  // by CloseReason
  StatusCounters upgrades;      // by what the client got: 101, the backend's ordinary answer or our error
  StatusCounters requests;      // likewise, for what asked for no upgrade
  Counter retries;              // given to another endpoint after a failure
  Counter retries_over_budget;  // not, since the cluster's budget was used up
  Counter bytes_received;       // from clients: tunnels and request bodies
  Counter bytes_sent;           // to clients: tunnels and response bodies
  WebSocketInstruments websocket;

  void TunnelOpened(UpgradeKind kind) { open_tunnels[static_cast<size_t>(kind)].Increment(); }
  void TunnelClosed(UpgradeKind kind, CloseReason reason) {
    open_tunnels[static_cast<size_t>(kind)].Decrement();
    tunnels_closed[static_cast<size_t>(reason)].Add(1);
  }

  void Absorb(const RouteInstruments& other);
};

using RouteStats = StatsBlock<RouteLabels, RouteInstruments>;
using RouteStatsRef = StatsRef<RouteStats>;

}  // namespace fairlead::telemetry
