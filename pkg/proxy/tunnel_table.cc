#include "pkg/proxy/tunnel_table.h"

#include <algorithm>
#include <utility>

namespace fairlead::proxy {
namespace {

bool Fits(const tunnel::Tunnel& tunnel, const tunnel::Selector& selector) {
  const auto names = [](const std::string& wanted, std::string_view name) {
    return wanted.empty() || wanted == name;
  };
  const telemetry::RouteLabels& labels = tunnel.stats().labels();
  if (!names(selector.listener, labels.listener) || !names(selector.route, labels.route) ||
      !names(selector.cluster, labels.cluster)) {
    return false;
  }
  const endpoint::Endpoint& endpoint = tunnel.endpoint();
  if (!names(selector.endpoint, endpoint.label()) && selector.endpoint != endpoint.address().ToString()) {
    return false;
  }
  return selector.ids.empty() || selector.ids.contains(tunnel.handshake().id);
}

}  // namespace

TunnelTable::TunnelTable(loop::Loop& loop, const base::Clock& clock, telemetry::WorkerStats& stats,
                         telemetry::AccessLog* access_log)
    : loop_(loop),
      clock_(clock),
      stats_(stats),
      access_log_(access_log),
      environment_{.clock = loop, .deadlines = loop.deadlines(), .owner = *this} {}

TunnelTable::~TunnelTable() {
  on_closed_ = nullptr;
  while (!tunnels_.empty()) tunnels_.back()->Close(telemetry::CloseReason::kShutdown);
}

void TunnelTable::Open(tunnel::Parts parts, const tunnel::EarlyData& early) {
  tunnels_.push_back(std::make_unique<tunnel::Tunnel>(environment_, std::move(parts)));
  tunnels_.back()->index = tunnels_.size() - 1;
  tunnels_.back()->Start(early);
}

void TunnelTable::CloseSome(size_t count, telemetry::CloseReason reason, base::Random& random) {
  for (; count > 0 && !tunnels_.empty(); --count) tunnels_[random() % tunnels_.size()]->Close(reason);
}

void TunnelTable::Close(const absl::flat_hash_set<uint64_t>& ids, telemetry::CloseReason reason) {
  // Downwards: the last, which takes the place of one that closes, has been looked at.
  for (size_t i = tunnels_.size(); i-- > 0;) {
    if (ids.contains(tunnels_[i]->handshake().id)) tunnels_[i]->Close(reason);
  }
}

size_t TunnelTable::SelectBelow(size_t end, size_t count, const tunnel::Selector& selector,
                                std::vector<uint64_t>* ids) const {
  size_t i = std::min(end, tunnels_.size());
  for (const size_t stop = i - std::min(i, count); i > stop; --i) {
    const tunnel::Tunnel& tunnel = *tunnels_[i - 1];
    if (Fits(tunnel, selector)) ids->push_back(tunnel.handshake().id);
  }
  return i;
}

size_t TunnelTable::ListBelow(size_t end, size_t count, const tunnel::Selector& selector,
                              std::vector<tunnel::Row>* rows) const {
  size_t i = std::min(end, tunnels_.size());
  for (const size_t stop = i - std::min(i, count); i > stop; --i) {
    const tunnel::Tunnel& tunnel = *tunnels_[i - 1];
    if (!Fits(tunnel, selector)) continue;
    const telemetry::Handshake handshake = tunnel.handshake();
    const telemetry::RouteLabels& labels = tunnel.stats().labels();
    const auto age = std::chrono::duration_cast<base::WallTime::duration>(clock_.Now() - tunnel.began());
    rows->push_back({.id = handshake.id,
                     .listener = labels.listener,
                     .route = labels.route,
                     .cluster = labels.cluster,
                     .endpoint = tunnel.endpoint().label(),
                     .client = std::string(handshake.client),
                     .opened_at = clock_.WallNow() - age,
                     .idle = std::chrono::duration_cast<base::Duration>(loop_.Now() - tunnel.last_activity()),
                     .bytes_received = tunnel.bytes_from_client(),
                     .bytes_sent = tunnel.bytes_from_backend()});
  }
  return i;
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
