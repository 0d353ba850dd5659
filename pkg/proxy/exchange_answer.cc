#include <utility>

#include "pkg/http1/ascii.h"
#include "pkg/proxy/exchange.h"
#include "pkg/proxy/forwarding.h"
#include "pkg/proxy/session.h"
#include "pkg/proxy/upgrade_request.h"
#include "pkg/upstream/outcome.h"
#include "pkg/websocket/handshake.h"

namespace fairlead::proxy {
namespace {

using http1::EqualsIgnoreCase;
using telemetry::RejectReason;

base::Duration WithJitter(const config::Timeouts& timeouts, base::Random& random) {
  const auto spread = timeouts.max_lifetime * timeouts.max_lifetime_jitter_percent / 100;
  if (spread <= base::Duration(0)) return timeouts.max_lifetime;
  return timeouts.max_lifetime - base::Duration(random() % (spread.count() + 1));
}

// A WebSocket whose sides are asked whether they live may be idle for as long as it likes.
base::Duration IdleOf(const config::Timeouts& timeouts, const websocket::Rules* rules) {
  const bool pinged = rules != nullptr && rules->ping_interval > base::Duration(0);
  return timeouts.idle.value_or(pinged ? base::Duration(0) : config::Timeouts::kIdle);
}

// Whether the answer says that the backend is in trouble. 501 and 505 are about the request.
bool IsFailure(int status) {
  return status >= 500 && status < 600 && status != 501 && status != 505;
}

}  // namespace

void Exchange::OnData(std::string_view bytes) {
  // A head that never ends is no answer, however slowly it comes.
  if (session_.state() == State::kBody) session_.Touch();
  backend_spoke_ = true;
  while (true) {
    switch (response_->Next(&bytes)) {
      case http1::Event::kNeedMore:
        return SendGathered();
      case http1::Event::kHead:
        if (!OnResponseHead(bytes)) return;
        break;
      case http1::Event::kBody:
        if (!OnResponseBody()) return;
        break;
      case http1::Event::kEnd:
        return CompleteResponse();
      case http1::Event::kError:
        return BackendFailed(RejectReason::kBadResponse);
    }
  }
}

bool Exchange::OnResponseHead(std::string_view rest) {
  const http1::ResponseHead& head = response_->head();
  if (head.status == 101) {
    Upgrade(rest);
    return false;
  }
  if (head.status < 200) {
    session_.Touch();
    // HTTP/1.0 knows no interim responses.
    if (head_.minor_version > 0) {
      gathered_ += ResponseHeadFor({.head = head, .route = *route_, .variables = variables(), .body = {}});
    }
    return true;
  }
  CountOutcome(!IsFailure(head.status));
  if (head.status == 503 && cluster_->resilience().retries.on_refused && Repeatable() && TryAnother()) {
    return false;
  }
  const http1::BodyFraming body = http1::FramingForClient(head.body, head_.minor_version);
  keep_alive_ = head_.keep_alive && request_complete_ && body.framing != http1::Framing::kUntilClose &&
                session_.MayContinue();
  const ConnectionOption option = !keep_alive_               ? ConnectionOption::kClose
                                  : head_.minor_version == 0 ? ConnectionOption::kKeepAlive
                                                             : ConnectionOption::kNone;
  // Nobody is tied to a backend that is in trouble.
  std::vector<std::string> cookies;
  if (!IsFailure(head.status)) cookies = affinity_->CookiesFor(lease_->endpoint());
  gathered_ += ResponseHeadFor({.head = head,
                                .route = *route_,
                                .variables = variables(),
                                .body = body,
                                .connection = option,
                                .set_cookies = cookies});
  response_writer_.emplace(body);
  record_.Answered(head.status);
  EndAttempts();
  session_.Happened(Event::kResponseHead);
  return true;
}

bool Exchange::OnResponseBody() {
  std::string_view wire;
  if (response_writer_->Write(response_->body(), &scratch_, &wire) != http1::BodyWriter::Result::kOk) {
    BackendFailed(RejectReason::kBadResponse);
    return false;
  }
  gathered_ += wire;
  record_.Sent(response_->body().size());
  return true;
}

void Exchange::SendGathered() {
  if (gathered_.empty()) return;
  answering_ = true;
  head_sent_ = record_.status() != 0;
  if (session_.Send(gathered_) == stream::WriteResult::kBuffered)
    backend_->Pause(stream::PauseReason::kPeerFull);
  gathered_.clear();
}

void Exchange::CompleteResponse() {
  std::string_view wire;
  if (response_writer_->End(response_->trailers(), &scratch_, &wire) != http1::BodyWriter::Result::kOk) {
    return BackendFailed(RejectReason::kBadResponse);
  }
  gathered_ += wire;
  session_.Send(gathered_);
  record_.Completed();
  session_.Answered(keep_alive_ && request_complete_);
}

void Exchange::Upgrade(std::string_view early) {
  const http1::ResponseHead& head = response_->head();
  const std::string& upgrade = record_.upgrade();
  const bool is_websocket = EqualsIgnoreCase(upgrade, kWebSocket);
  const auto key = head_.fields.Get("Sec-WebSocket-Key");
  if (upgrade.empty() || !EqualsIgnoreCase(head.upgrade, upgrade) ||
      (is_websocket && !websocket::CheckAccept(*key, head.fields))) {
    return BackendFailed(RejectReason::kBadUpgrade);
  }
  CountOutcome(true);
  EndAttempts();
  const std::vector<std::string> cookies = affinity_->CookiesFor(lease_->endpoint());
  gathered_ += ResponseHeadFor({.head = head,
                                .route = *route_,
                                .variables = variables(),
                                .body = {},
                                .connection = ConnectionOption::kUpgrade,
                                .set_cookies = cookies});
  session_.Send(gathered_);
  record_.Answered(101);
  record_.Completed();
  Context& context = session_.context();
  context.stats.instruments().upgrade_duration.Observe(record_.handshake());
  const telemetry::Handshake handshake = record_.Describe();
  if (context.access_log != nullptr && context.access_log_mode == config::AccessLogMode::kOpenAndEnd) {
    context.access_log->Opened(context.clock.WallNow(), handshake, record_.Where());
  }
  const config::Timeouts& timeouts = route_->timeouts();
  const std::shared_ptr<const websocket::Rules> rules = is_websocket ? route_->websocket_rules() : nullptr;
  std::optional<endpoint::PlacedKey> placed;
  if (key_) placed = cluster_->Placed(*key_, lease_->endpoint(), context.random);
  session_.BecomeTunnel(
      {.backend = std::move(backend_),
       .lease = *std::move(lease_),
       .stats = record_.stats().Share(),
       .kind = is_websocket ? telemetry::UpgradeKind::kWebSocket : telemetry::UpgradeKind::kOther,
       .handshake = handshake,
       .timeouts = {.idle = IdleOf(timeouts, rules.get()),
                    .half_closed = timeouts.half_closed,
                    .write = timeouts.write,
                    .max_lifetime = WithJitter(timeouts, context.random)},
       .rules = rules,
       .key = placed,
       .early_from_backend = early});
}

void Exchange::OnEnd() {
  if (response_->OnEof() == http1::Event::kEnd) return CompleteResponse();
  BackendFailed(RejectReason::kBackendClosed);
}

void Exchange::OnError(stream::Failure) {
  BackendFailed(RejectReason::kBackendClosed);
}

void Exchange::BackendFailed(RejectReason reason) {
  if (!head_sent_) {
    CountOutcome(false);
    if (!backend_spoke_ && cluster_->resilience().retries.on_before_response && Repeatable() &&
        TryAnother()) {
      return;
    }
    gathered_.clear();
    record_.NothingSent();
    return Reply(ReplyTo(reason));
  }
  // Too late for another answer: only a broken connection tells the client that this one is not whole.
  record_.Failed(reason);
  session_.BreakOff();
}

void Exchange::OnTimeout() {
  if (place_) return Reply(kDraining);
  const bool client_dribbles = BodyDue().has_value() && session_.context().loop.Now() >= *BodyDue();
  const bool backend_stalls = !client_dribbles && (request_complete_ || backend_->buffered() > 0);
  if (record_.status() == 0) {
    if (backend_stalls) CountOutcome(false);
    return Reply(backend_stalls ? kResponseTimeout : kSlowBody);
  }
  record_.Failed(client_dribbles ? RejectReason::kTimeout : RejectReason::kResponseTimeout);
  session_.BreakOff();
}

void Exchange::CountOutcome(bool success) {
  if (success) return upstream::CountSuccess(*cluster_, *lease_);
  upstream::CountFailure(*cluster_, *lease_, session_.context().loop.Now());
}

}  // namespace fairlead::proxy
