#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "pkg/admission/gate.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/endpoint/endpoint.h"
#include "pkg/telemetry/stats_registry.h"
#include "pkg/telemetry/worker_stats.h"
#include "pkg/tunnel/tunnel.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_stream.h"

namespace fairlead::tunnel {

// For tests: a tunnel between two scripted streams, on a clock that the test moves.
class TunnelTest : public ::testing::Test, protected Owner, private stream::Delegate {
 protected:
  using CloseReason = telemetry::CloseReason;

  // As the handshake leaves them: both streams are read already.
  void Open(const Timeouts& timeouts = {}, const EarlyData& early = {}) {
    tunnel_ = std::make_unique<Tunnel>(environment_, MakeParts(timeouts));
    tunnel_->Start(early);
  }
  Parts MakeParts(const Timeouts& timeouts) {
    return {.client = Started(client_),
            .backend = Started(backend_),
            .ticket = *admission::Ticket::Take(gate_, stats_.Listener("web")),
            .lease = *endpoint::Lease::Take(endpoint_),
            .stats = stats_.Route("web", "ws", "chat"),
            .kind = telemetry::UpgradeKind::kWebSocket,
            .handshake = telemetry::PackedHandshake({.id = 7, .path = "/ws"}),
            .began = clock_.Now(),
            .timeouts = timeouts};
  }

  void Advance(base::Duration by) {
    clock_.Advance(by);
    wheel_.Advance(clock_.Now());
  }

  // Of the route, as a scrape would see them.
  telemetry::RouteInstruments& counted() { return *stats_.Route("web", "ws", "chat"); }
  uint64_t CountedClosed(CloseReason reason) {
    return counted().tunnels_closed[static_cast<size_t>(reason)].value();
  }
  int64_t open_tunnels() {
    return counted().open_tunnels[static_cast<size_t>(telemetry::UpgradeKind::kWebSocket)].value();
  }

  testing::FakeClock clock_;
  base::DeadlineWheel wheel_{clock_.Now()};
  telemetry::StatsRegistry registry_;
  telemetry::WorkerStats stats_{registry_, 0};
  admission::Process process_{0};
  std::shared_ptr<admission::Gate> gate_ = std::make_shared<admission::Gate>(1, process_);
  std::shared_ptr<endpoint::Endpoint> endpoint_ =
      std::make_shared<endpoint::Endpoint>("chat", base::SocketAddress(), "chat-0");
  base::Random random_{1};
  Environment environment_{.clock = clock_,
                           .exact = clock_,
                           .deadlines = wheel_,
                           .random = random_,
                           .instruments = stats_.instruments(),
                           .owner = *this};
  testing::ScriptedPeer client_;
  testing::ScriptedPeer backend_;
  std::unique_ptr<Tunnel> tunnel_;
  std::vector<CloseReason> told_;  // what the owner was told

 private:
  std::unique_ptr<stream::Stream> Started(testing::ScriptedPeer& peer) {
    std::unique_ptr<stream::Stream> near = peer.Connect();
    near->SetDelegate(this);
    near->Start();
    near->Pause(stream::PauseReason::kHeld);
    return near;
  }

  void OnTunnelClosed(Tunnel& tunnel) override { told_.push_back(tunnel.reason()); }

  // The handshake's; the tunnel puts its own in their place.
  void OnData(std::string_view) override { ADD_FAILURE() << "the handshake is over"; }
  void OnEnd() override { ADD_FAILURE() << "the handshake is over"; }
  void OnFlushed() override { ADD_FAILURE() << "the handshake is over"; }
  void OnError(stream::Failure) override { ADD_FAILURE() << "the handshake is over"; }
};

}  // namespace fairlead::tunnel
