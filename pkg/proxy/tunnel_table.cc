#include "pkg/proxy/tunnel_table.h"

#include <utility>

namespace fairlead::proxy {

TunnelTable::TunnelTable(loop::Loop& loop, const base::Clock& clock, telemetry::WorkerStats& stats,
                         telemetry::AccessLog* access_log)
    : loop_(loop),
      clock_(clock),
      stats_(stats),
      access_log_(access_log),
      environment_{.clock = loop, .deadlines = loop.deadlines(), .owner = *this} {}

TunnelTable::~TunnelTable() {
  on_closed_ = nullptr;
  while (!tunnels_.empty()) tunnels_.back()->Close(telemetry::CloseReason::kDrainExpired);
}

void TunnelTable::Open(tunnel::Parts parts, const tunnel::EarlyData& early) {
  tunnels_.push_back(std::make_unique<tunnel::Tunnel>(environment_, std::move(parts)));
  tunnels_.back()->index = tunnels_.size() - 1;
  tunnels_.back()->Start(early);
}

void TunnelTable::CloseSome(size_t count, telemetry::CloseReason reason, base::Random& random) {
  for (; count > 0 && !tunnels_.empty(); --count) tunnels_[random() % tunnels_.size()]->Close(reason);
}

void TunnelTable::OnTunnelClosed(tunnel::Tunnel& tunnel) {
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(clock_.Now() - tunnel.began());
  stats_.instruments().tunnel_duration.Observe(duration);
  if (access_log_ != nullptr) {
    const telemetry::RouteLabels& labels = tunnel.stats().labels();
    access_log_->Ended(clock_.WallNow(), tunnel.handshake(),
                       {.listener = labels.listener,
                        .route = labels.route,
                        .cluster = labels.cluster,
                        .endpoint = tunnel.endpoint().label()},
                       {.bytes_received = tunnel.bytes_from_client(),
                        .bytes_sent = tunnel.bytes_from_backend(),
                        .duration = duration,
                        .reason = telemetry::ToString(tunnel.reason())});
  }
  const size_t index = tunnel.index;
  std::swap(tunnels_[index], tunnels_.back());
  tunnels_[index]->index = index;
  loop_.Bury(std::move(tunnels_.back()));
  tunnels_.pop_back();
  if (on_closed_) on_closed_();
}

}  // namespace fairlead::proxy
