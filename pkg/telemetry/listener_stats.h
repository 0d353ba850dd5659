#pragma once

#include <array>
#include <compare>
#include <string>

#include "pkg/telemetry/connection_reject.h"
#include "pkg/telemetry/instruments.h"
#include "pkg/telemetry/reject_reason.h"
#include "pkg/telemetry/stats_block.h"

namespace fairlead::telemetry {

// Label values come from the configuration, never from a client.
struct ListenerLabels {
  std::string listener;

  ListenerLabels Rest() const { return *this; }

  auto operator<=>(const ListenerLabels&) const = default;
};

struct ListenerInstruments {
  Gauge open_connections;  // accepted and not yet closed
  Gauge waiting_upgrades;  // for their turns
  Counter accepted;
  std::array<Counter, kConnectionRejectCount> connections_rejected;  // by ConnectionReject
  std::array<Counter, kRejectReasonCount> upgrades_rejected;         // by RejectReason

  void ConnectionOpened() {
    accepted.Add(1);
    open_connections.Increment();
  }
  void ConnectionClosed() { open_connections.Decrement(); }
  void ConnectionRejected(ConnectionReject reason) {
    connections_rejected[static_cast<size_t>(reason)].Add(1);
  }
  void UpgradeRejected(RejectReason reason) { upgrades_rejected[static_cast<size_t>(reason)].Add(1); }

  void Absorb(const ListenerInstruments& other);
};

using ListenerStats = StatsBlock<ListenerLabels, ListenerInstruments>;
using ListenerStatsRef = StatsRef<ListenerStats>;

}  // namespace fairlead::telemetry
