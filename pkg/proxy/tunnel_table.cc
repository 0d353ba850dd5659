#include "pkg/proxy/tunnel_table.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "pkg/tunnel/websocket_tunnel.h"
#include "pkg/websocket/close_code.h"

namespace fairlead::proxy {
namespace {

bool Names(const std::string& wanted, std::string_view name) {
  return wanted.empty() || wanted == name;
}

// `client` is an address with its port, or an address alone where a trusted proxy said it.
bool IsFrom(std::string_view client, const std::string& ip) {
  if (client == ip) return true;
  if (ip.find(':') != std::string::npos) return client.starts_with("[" + ip + "]:");
  return client.starts_with(ip + ":");
}

bool BelongsTo(const tunnel::Tunnel& tunnel, const tunnel::Selector& selector) {
  const telemetry::RouteLabels& labels = tunnel.stats().labels();
  const endpoint::Endpoint& endpoint = tunnel.endpoint();
  if (selector.at != nullptr && selector.at != &endpoint) return false;
  return Names(selector.listener, labels.listener) && Names(selector.route, labels.route) &&
         Names(selector.cluster, labels.cluster) &&
         (Names(selector.endpoint, endpoint.label()) || selector.endpoint == endpoint.address().ToString());
}

std::optional<telemetry::Talk> TalkOf(const tunnel::Tunnel& tunnel) {
  const std::optional<tunnel::Conversation> conversation = tunnel.conversation();
  if (!conversation) return std::nullopt;
  telemetry::Talk talk{.messages_received = conversation->messages_from_client,
                       .messages_sent = conversation->messages_from_backend};
  if (conversation->close_code != 0) {
    talk.close_code = conversation->close_code;
    talk.close_initiator = telemetry::ToString(conversation->close_initiator);
  }
  return talk;
}

}  // namespace

TunnelTable::TunnelTable(loop::Loop& loop, const base::Clock& clock, base::Random& random,
                         telemetry::WorkerStats& stats, telemetry::AccessLog* access_log)
    : loop_(loop),
      clock_(clock),
      stats_(stats),
      access_log_(access_log),
      environment_{.clock = loop,
                   .exact = clock,
                   .deadlines = loop.deadlines(),
                   .random = random,
                   .instruments = stats.instruments(),
                   .owner = *this} {}

TunnelTable::~TunnelTable() {
  on_closed_ = nullptr;
  CutAll({.reason = telemetry::CloseReason::kShutdown,
          .code = websocket::kGoingAway,
          .text = std::string(tunnel::kShuttingDown)});
}

void TunnelTable::Open(tunnel::Parts parts, std::shared_ptr<const websocket::Rules> rules,
                       const tunnel::EarlyData& early) {
  if (rules) {
    tunnels_.push_back(
        std::make_unique<tunnel::WebSocketTunnel>(environment_, std::move(parts), std::move(rules)));
  } else {
    tunnels_.push_back(std::make_unique<tunnel::Tunnel>(environment_, std::move(parts)));
  }
  tunnel::Tunnel& opened = *tunnels_.back();
  opened.index = tunnels_.size() - 1;
  opened.Start(early);
}

void TunnelTable::Shut(const absl::flat_hash_set<uint64_t>& ids, const tunnel::CloseOrder& order) {
  // Downwards: the one that takes the place of one that closes has been looked at.
  for (size_t i = tunnels_.size(); i-- > 0;) {
    if (ids.contains(tunnels_[i]->handshake().id)) tunnels_[i]->Shut(order);
  }
}

void TunnelTable::Cut(const absl::flat_hash_set<uint64_t>& ids, const tunnel::CloseOrder& order) {
  std::vector<tunnel::Tunnel*> cut;
  for (const auto& tunnel : tunnels_) {
    if (ids.contains(tunnel->handshake().id)) cut.push_back(tunnel.get());
  }
  for (tunnel::Tunnel* tunnel : cut) tunnel->Cut(order);
}

void TunnelTable::CutAll(const tunnel::CloseOrder& order) {
  while (!tunnels_.empty()) tunnels_.back()->Cut(order);
}

bool TunnelTable::Fits(const tunnel::Tunnel& tunnel, const tunnel::Selector& selector) const {
  if (!BelongsTo(tunnel, selector)) return false;
  if (selector.key && (!tunnel.key() || tunnel.key()->key != *selector.key)) return false;
  if (clock_.Now() - tunnel.began() < selector.min_age) return false;
  if (loop_.Now() - tunnel.last_activity() < selector.min_idle) return false;
  if (selector.ids.empty() && selector.client.empty()) return true;
  const telemetry::Handshake handshake = tunnel.handshake();
  if (!selector.client.empty() && !IsFrom(handshake.client, selector.client)) return false;
  return selector.ids.empty() || selector.ids.contains(handshake.id);
}

std::vector<uint64_t> TunnelTable::StillOpen(const absl::flat_hash_set<uint64_t>& ids) const {
  std::vector<uint64_t> open;
  for (const auto& tunnel : tunnels_) {
    if (const uint64_t id = tunnel->handshake().id; ids.contains(id)) open.push_back(id);
  }
  return open;
}

size_t TunnelTable::SelectBelow(size_t end, size_t count, const tunnel::Selector& selector,
                                std::vector<tunnel::Brief>* selected) const {
  size_t i = std::min(end, tunnels_.size());
  for (const size_t stop = i - std::min(i, count); i > stop; --i) {
    const tunnel::Tunnel& tunnel = *tunnels_[i - 1];
    if (!Fits(tunnel, selector)) continue;
    selected->push_back({.id = tunnel.handshake().id,
                         .began = tunnel.began(),
                         .at = &tunnel.endpoint(),
                         .key = tunnel.key()});
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
                     .bytes_sent = tunnel.bytes_from_backend(),
                     .key = tunnel.key(),
                     .at = &tunnel.endpoint(),
                     .conversation = tunnel.conversation()});
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
                        .talk = TalkOf(tunnel),
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
