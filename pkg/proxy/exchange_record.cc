#include "pkg/proxy/exchange_record.h"

#include <utility>

#include "pkg/proxy/client_certificate.h"
#include "pkg/proxy/session.h"
#include "pkg/proxy/upgrade_request.h"

namespace fairlead::proxy {

ExchangeRecord::ExchangeRecord(Session& session, const http1::RequestHead& head, std::string client,
                               std::string request_id, uint64_t revision)
    : session_(session),
      head_(head),
      id_(session.context().next_id++),
      client_(std::move(client)),
      request_id_(std::move(request_id)),
      revision_(revision) {}

void ExchangeRecord::Concerns(std::string_view listener, std::string_view route, std::string_view cluster) {
  stats_ = session_.context().stats.Route(listener, route, cluster);
}

void ExchangeRecord::Received(size_t body_bytes) {
  bytes_received_ += body_bytes;
  stats_->bytes_received.Add(body_bytes);
}

void ExchangeRecord::Sent(size_t body_bytes) {
  bytes_sent_ += body_bytes;
  stats_->bytes_sent.Add(body_bytes);
}

void ExchangeRecord::Answered(int status) {
  status_ = status;
  handshake_ = std::chrono::duration_cast<std::chrono::microseconds>(session_.context().Now() -
                                                                     session_.request_began());
}

telemetry::Handshake ExchangeRecord::Describe() const {
  const tls::HandshakeInfo* const tls = session_.connection().tls.get();
  const tls::PeerIdentity* const certificate = session_.connection().certificate();
  return {.id = id_,
          .client = client_,
          .method = head_.method,
          .host = head_.host,
          .path = head_.target,
          .upgrade = upgrade_,
          .request_id = request_id_,
          .tls_cipher = tls == nullptr ? std::string_view() : std::string_view(tls->cipher),
          .tls_peer = certificate == nullptr ? std::string_view() : NameOf(*certificate),
          .status = status_,
          .handshake = handshake_,
          .revision = revision_};
}

telemetry::Place ExchangeRecord::Where() const {
  const telemetry::RouteLabels& labels = stats_->labels();
  return {
      .listener = labels.listener, .route = labels.route, .cluster = labels.cluster, .endpoint = endpoint_};
}

void ExchangeRecord::Close(telemetry::RejectReason unfinished) {
  if (!complete_ && !reason_) reason_ = unfinished;
  const bool upgrade = !upgrade_.empty() || AsksForWebSocket(head_);
  (upgrade ? stats_->upgrades : stats_->requests).Add(status_);
  if (upgrade && reason_) session_.ListenerStats().UpgradeRejected(*reason_);
  Context& context = session_.context();
  if (context.access_log == nullptr || status_ == 101) return;
  const auto duration =
      std::chrono::duration_cast<std::chrono::microseconds>(context.Now() - session_.request_began());
  context.access_log->Ended(context.clock.WallNow(), Describe(), Where(),
                            {.bytes_received = bytes_received_,
                             .bytes_sent = bytes_sent_,
                             .duration = duration,
                             .reason = reason_ ? telemetry::ToString(*reason_) : std::string_view()});
}

}  // namespace fairlead::proxy
