#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "pkg/admission/client_connections.h"
#include "pkg/admission/gate.h"
#include "pkg/base/address.h"
#include "pkg/telemetry/listener_stats.h"

namespace fairlead::admission {

// A client connection's place: counted against its listener's limits and in its listener's metrics for
// exactly as long as this lives. It goes with the connection from the handshake into the tunnel. Move-only;
// one worker's thread.
class Ticket {
 public:
  // Nothing when there is no place.
  static std::optional<Ticket> Take(const std::shared_ptr<Gate>& gate,
                                    const telemetry::ListenerStatsRef& stats) {
    if (!gate->connections().TryTake()) return std::nullopt;
    return Ticket(gate, stats.Share());
  }

  Ticket(Ticket&&) noexcept = default;
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket() {
    if (!gate_) return;
    stats_->ConnectionClosed();
    gate_->connections().GiveBack();
  }

  // Says whose the connection is, once. False when that client has as many as it may.
  bool CountFor(const base::IpAddress& client) {
    std::optional<ClientConnections::Place> place = gate_->clients().TryTake(client);
    if (!place) return false;
    client_ = *std::move(place);
    return true;
  }

  telemetry::ListenerStats& stats() const { return *stats_; }
  Gate& gate() const { return *gate_; }

 private:
  Ticket(std::shared_ptr<Gate> gate, telemetry::ListenerStatsRef stats)
      : gate_(std::move(gate)), stats_(std::move(stats)) {
    stats_->ConnectionOpened();
  }

  std::shared_ptr<Gate> gate_;
  telemetry::ListenerStatsRef stats_;
  ClientConnections::Place client_{nullptr};  // in the gate
};

}  // namespace fairlead::admission
