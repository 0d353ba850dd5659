#include "pkg/proxy/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pkg/http1/ascii.h"
#include "pkg/http1/tokens.h"
#include "pkg/proxy/forwarding.h"
#include "pkg/proxy/session.h"
#include "pkg/route/redirect.h"
#include "pkg/websocket/handshake.h"

namespace fairlead::proxy {
namespace {

using http1::EqualsIgnoreCase;
using telemetry::RejectReason;

constexpr std::string_view kWebSocket = "websocket";
constexpr http1::HeadLimits kResponseLimits{
    .max_head_bytes = 65536, .max_start_line_bytes = 8192, .max_fields = 200};

bool Lists(std::string_view list, std::string_view token) {
  for (std::string_view listed : http1::Tokens(list)) {
    if (EqualsIgnoreCase(listed, token)) return true;
  }
  return false;
}

std::string RequestId(const http1::RequestHead& head, const ClientIdentity& client, base::Random& random) {
  if (client.believed) {
    if (const auto given = head.fields.Get("X-Request-Id"); given && !given->empty())
      return std::string(*given);
  }
  return fmt::format("{:016x}{:016x}", random(), random());
}

base::Duration WithJitter(const config::Timeouts& timeouts, base::Random& random) {
  const auto spread = timeouts.max_lifetime * timeouts.max_lifetime_jitter_percent / 100;
  if (spread <= base::Duration(0)) return timeouts.max_lifetime;
  return timeouts.max_lifetime - base::Duration(random() % (spread.count() + 1));
}

}  // namespace

Exchange::Exchange(Session& session)
    : session_(session),
      snapshot_(session.owner().CurrentSnapshot()),
      listener_(session.owner().CurrentListener()),
      head_(session.reader().head()),
      id_(session.context().next_id++),
      client_(Identify(head_, session.connection(), listener_.trusted_proxies)),
      client_ip_(client_.ip ? client_.ip->ToString() : ""),
      client_text_(client_.believed ? client_ip_ : session.connection().peer.ToString()),
      request_id_(RequestId(head_, client_, session.context().random)),
      view_{.method = head_.method,
            .host = head_.host,
            .path = head_.path,
            .query = head_.query,
            .headers = head_.fields,
            .client = client_.ip},
      request_writer_(head_.body) {}

Exchange::~Exchange() {
  Close();
}

void Exchange::Begin() {
  if (head_.body.framing == http1::Framing::kNone) {
    std::string_view nothing;
    request_complete_ = session_.reader().Next(&nothing) == http1::Event::kEnd;
  }
  UseStats("", "");
  route_ = listener_.routes->Match(view_);
  if (route_ == nullptr) return Reply(kNoRoute);
  ChooseUpgrade();
  if (session_.context().stage == DrainStage::kWindow) {
    UseStats(route_->name(), "");
    return Reply(kDraining);
  }
  if (route_->redirect()) return Redirect(*route_->redirect());

  const route::Target& target = route_->PickTarget(session_.context().random);
  UseStats(route_->name(), target.cluster);
  if (!CheckUpgrade()) return;
  session_.Happened(Event::kRequest);
  Context& context = session_.context();
  const std::shared_ptr<const snapshot::Cluster>& cluster = snapshot_->clusters()[target.cluster_index];
  send_proxy_ = snapshot_->config().clusters[target.cluster_index].proxy_protocol;
  dial_ = std::make_unique<upstream::Dial>(
      context.loop, context.random, cluster, cluster->Key(view_), route_->timeouts().connect,
      [this](upstream::Dial::Result result) { Dialed(std::move(result)); });
  dial_->Start();
}

void Exchange::ChooseUpgrade() {
  for (std::string_view token : http1::Tokens(head_.upgrade)) {
    if (!route_->AllowsUpgrade(token)) continue;
    upgrade_ = token;
    return;
  }
}

// An upgrade that the route does not allow is ignored, as RFC 9110 §7.8 lets a server do, and the request
// goes on as an ordinary one; but a WebSocket handshake is good for nothing else, so it is told.
bool Exchange::CheckUpgrade() {
  if (upgrade_.empty()) {
    if (!Lists(head_.upgrade, kWebSocket)) return true;
    Reply(kNotAllowed);
    return false;
  }
  if (!EqualsIgnoreCase(upgrade_, kWebSocket)) return true;
  const websocket::RequestCheck check = websocket::CheckRequest(head_.method, head_.fields);
  if (check == websocket::RequestCheck::kOk) return true;
  Reply(ReplyTo(check));
  return false;
}

void Exchange::Dialed(upstream::Dial::Result result) {
  dial_.reset();
  if (const auto* failure = std::get_if<upstream::DialFailure>(&result)) return Reply(ReplyTo(*failure));
  auto& connection = std::get<upstream::Connection>(result);
  backend_ = std::move(connection.stream);
  lease_ = std::move(connection.lease);
  backend_->SetDelegate(this);
  response_.emplace(kResponseLimits, head_.method);
  const std::string head =
      ProxyHeaderFor(send_proxy_, session_.connection()) + RequestHeadFor({.head = head_,
                                                                           .route = *route_,
                                                                           .client = client_,
                                                                           .variables = variables(),
                                                                           .upgrade = upgrade_});
  if (backend_->Write(head) == stream::WriteResult::kBuffered) session_.PauseClient();
  backend_->Start();
  session_.Happened(Event::kConnected);
  session_.Release();
}

void Exchange::OnRequestBytes(std::string_view bytes) {
  if (request_complete_) return session_.Hold(bytes);
  std::string onward;
  while (!request_complete_) {
    std::string_view wire;
    switch (session_.reader().Next(&bytes)) {
      case http1::Event::kBody:
        bytes_received_ += session_.reader().body().size();
        stats_->bytes_received.Add(session_.reader().body().size());
        request_writer_.Write(session_.reader().body(), &scratch_, &wire);
        onward.append(wire);
        continue;
      case http1::Event::kEnd:
        request_complete_ = true;
        request_writer_.End(session_.reader().trailers(), &scratch_, &wire);
        onward.append(wire);
        continue;
      case http1::Event::kError:
        if (status_ == 0) return Reply(ReplyTo(session_.reader().error()));
        reason_ = RejectReason::kBadRequest;
        return session_.BreakOff();
      default:
        break;
    }
    break;
  }
  if (!onward.empty() && backend_->Write(onward) == stream::WriteResult::kBuffered) session_.PauseClient();
  if (!bytes.empty()) session_.Hold(bytes);
}

void Exchange::OnFlushed() {
  session_.ResumeClient();
}

void Exchange::OnClientFlushed() {
  if (backend_) backend_->Resume(stream::PauseReason::kPeerFull);
}

void Exchange::OnClientEnded() {
  // A client that has sent its whole request may half-close and wait; one in the middle of a body has given
  // up.
  if (!request_complete_) session_.Close();
}

void Exchange::OnData(std::string_view bytes) {
  session_.Touch();
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
    // HTTP/1.0 knows no interim responses.
    if (head_.minor_version > 0) {
      gathered_ += ResponseHeadFor({.head = head, .route = *route_, .variables = variables(), .body = {}});
    }
    return true;
  }
  const http1::BodyFraming body = http1::FramingForClient(head.body, head_.minor_version);
  keep_alive_ = head_.keep_alive && request_complete_ && body.framing != http1::Framing::kUntilClose &&
                session_.MayContinue();
  const ConnectionOption option = !keep_alive_               ? ConnectionOption::kClose
                                  : head_.minor_version == 0 ? ConnectionOption::kKeepAlive
                                                             : ConnectionOption::kNone;
  gathered_ += ResponseHeadFor(
      {.head = head, .route = *route_, .variables = variables(), .body = body, .connection = option});
  response_writer_.emplace(body);
  Answer(head.status);
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
  bytes_sent_ += response_->body().size();
  stats_->bytes_sent.Add(response_->body().size());
  return true;
}

void Exchange::SendGathered() {
  if (gathered_.empty()) return;
  head_sent_ = status_ != 0;
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
  complete_ = true;
  session_.Answered(keep_alive_ && request_complete_);
}

void Exchange::Upgrade(std::string_view early) {
  const http1::ResponseHead& head = response_->head();
  const bool is_websocket = EqualsIgnoreCase(upgrade_, kWebSocket);
  const auto key = head_.fields.Get("Sec-WebSocket-Key");
  if (upgrade_.empty() || !EqualsIgnoreCase(head.upgrade, upgrade_) ||
      (is_websocket && !websocket::CheckAccept(*key, head.fields))) {
    return BackendFailed(RejectReason::kBadUpgrade);
  }
  gathered_ += ResponseHeadFor({.head = head,
                                .route = *route_,
                                .variables = variables(),
                                .body = {},
                                .connection = ConnectionOption::kUpgrade});
  session_.Send(gathered_);
  Answer(101);
  complete_ = true;
  Context& context = session_.context();
  context.stats.instruments().upgrade_duration.Observe(handshake_);
  const telemetry::Handshake handshake = Describe();
  if (context.access_log != nullptr && context.access_log_mode == config::AccessLogMode::kOpenAndEnd) {
    context.access_log->Opened(context.clock.WallNow(), handshake, Where());
  }
  const config::Timeouts& timeouts = route_->timeouts();
  session_.BecomeTunnel(std::move(backend_), *std::move(lease_), stats_.Share(),
                        is_websocket ? telemetry::UpgradeKind::kWebSocket : telemetry::UpgradeKind::kOther,
                        handshake,
                        {.idle = timeouts.idle,
                         .half_closed = timeouts.half_closed,
                         .write = timeouts.write,
                         .max_lifetime = WithJitter(timeouts, context.random)},
                        early);
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
    gathered_.clear();
    bytes_sent_ = 0;
    return Reply(ReplyTo(reason));
  }
  // Too late for another answer: only a broken connection tells the client that this one is not whole.
  reason_ = reason;
  session_.BreakOff();
}

void Exchange::OnTimeout() {
  const bool backend_stalls = request_complete_ || backend_->buffered() > 0;
  if (status_ == 0) return Reply(backend_stalls ? kResponseTimeout : kSlowBody);
  reason_ = RejectReason::kResponseTimeout;
  session_.BreakOff();
}

void Exchange::Reply(const LocalReply& reply) {
  reason_ = reply.reason;
  const bool keep_alive = KeepsAliveAfterReply();
  int retry_after = 0;
  if (reply.status == 503) retry_after = 1 + static_cast<int>(session_.context().random() % 5);
  session_.Send(Render(reply, request_id_, head_.method == "HEAD", !keep_alive, retry_after));
  Answer(reply.status);
  complete_ = true;
  session_.Answered(keep_alive);
}

void Exchange::Redirect(const config::Redirect& redirect) {
  UseStats(route_->name(), "");
  const bool keep_alive = KeepsAliveAfterReply();
  session_.Send(RenderRedirect(redirect.status, route::Location(redirect, client_.proto, view_), request_id_,
                               !keep_alive));
  Answer(redirect.status);
  complete_ = true;
  session_.Answered(keep_alive);
}

bool Exchange::KeepsAliveAfterReply() const {
  return head_.keep_alive && head_.minor_version > 0 && request_complete_ && session_.MayContinue();
}

void Exchange::Answer(int status) {
  status_ = status;
  handshake_ = std::chrono::duration_cast<std::chrono::microseconds>(session_.context().Now() -
                                                                     session_.request_began());
}

base::Duration Exchange::keep_alive() const {
  return route_ != nullptr ? route_->timeouts().keep_alive : config::Timeouts{}.keep_alive;
}

void Exchange::UseStats(std::string_view route, std::string_view cluster) {
  stats_ = session_.context().stats.Route(listener_.name, route, cluster);
}

route::Variables Exchange::variables() const {
  return {.client_ip = client_ip_,
          .host = head_.host,
          .request_id = request_id_,
          .listener = listener_.name,
          .route = route_->name(),
          .cluster = stats_->labels().cluster};
}

telemetry::Handshake Exchange::Describe() const {
  return {.id = id_,
          .client = client_text_,
          .method = head_.method,
          .host = head_.host,
          .path = head_.target,
          .upgrade = upgrade_,
          .request_id = request_id_,
          .status = status_,
          .handshake = handshake_,
          .revision = snapshot_->revision()};
}

telemetry::Place Exchange::Where() const {
  const telemetry::RouteLabels& labels = stats_->labels();
  return {.listener = labels.listener,
          .route = labels.route,
          .cluster = labels.cluster,
          .endpoint = lease_ ? std::string_view(lease_->endpoint().label()) : std::string_view()};
}

void Exchange::Close() {
  if (closed_) return;
  closed_ = true;
  dial_.reset();
  backend_.reset();
  Record();
}

void Exchange::Record() {
  if (!complete_ && !reason_) reason_ = RejectReason::kClientGone;
  const bool upgrade = !upgrade_.empty() || Lists(head_.upgrade, kWebSocket);
  (upgrade ? stats_->upgrades : stats_->requests).Add(status_);
  if (upgrade && reason_) session_.ListenerStats().UpgradeRejected(*reason_);
  Context& context = session_.context();
  if (context.access_log == nullptr || status_ == 101) return;  // a tunnel is logged at its end
  const auto duration =
      std::chrono::duration_cast<std::chrono::microseconds>(context.Now() - session_.request_began());
  context.access_log->Ended(context.clock.WallNow(), Describe(), Where(),
                            {.bytes_received = bytes_received_,
                             .bytes_sent = bytes_sent_,
                             .duration = duration,
                             .reason = reason_ ? telemetry::ToString(*reason_) : std::string_view()});
}

}  // namespace fairlead::proxy
