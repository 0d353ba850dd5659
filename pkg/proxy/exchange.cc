#include "pkg/proxy/exchange.h"

#include <fmt/format.h>

#include <utility>

#include "pkg/proxy/client_certificate.h"
#include "pkg/proxy/forwarding.h"
#include "pkg/proxy/max_forwards.h"
#include "pkg/proxy/session.h"
#include "pkg/proxy/upgrade_request.h"
#include "pkg/route/redirect.h"

namespace fairlead::proxy {
namespace {

using telemetry::RejectReason;

constexpr http1::HeadLimits kResponseLimits{
    .max_head_bytes = 65536, .max_start_line_bytes = 8192, .max_fields = 200};

std::string RequestId(const http1::RequestHead& head, const ClientIdentity& client, base::Random& random) {
  if (client.believed) {
    if (const auto given = head.fields.Get("X-Request-Id"); given && !given->empty())
      return std::string(*given);
  }
  return fmt::format("{:016x}{:016x}", random(), random());
}

// RFC 9110 §9.2.2.
bool IsIdempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" || method == "PUT" ||
         method == "DELETE";
}

}  // namespace

Exchange::Exchange(Session& session)
    : session_(session),
      snapshot_(session.owner().CurrentSnapshot()),
      listener_(session.owner().CurrentListener()),
      head_(session.reader().head()),
      client_(Identify(head_, session.connection(), listener_.trusted_proxies)),
      client_ip_(client_.ip ? client_.ip->ToString() : ""),
      view_{.method = head_.method,
            .host = head_.host,
            .path = head_.path,
            .query = head_.query,
            .headers = head_.fields,
            .client = client_.ip},
      record_(session, head_, client_.believed ? client_ip_ : session.connection().peer.ToString(),
              RequestId(head_, client_, session.context().random), snapshot_->revision()),
      pace_(listener_.limits.min_body_rate, listener_.limits.handshake_timeout),
      request_writer_(head_.body) {}

Exchange::~Exchange() {
  Close(RejectReason::kClientGone);
}

void Exchange::Begin() {
  std::string_view nothing;
  request_complete_ = session_.reader().Next(&nothing) == http1::Event::kEnd;  // no body, or one of length 0
  Concerns("", "");
  if (const auto last = CheckMaxForwards(head_)) return Reply(*last);
  route_ = listener_.routes->Match(view_);
  if (route_ == nullptr) return Reply(kNoRoute);
  record_.SetUpgrade(ChooseUpgrade(head_, *route_));
  if (const auto refusal = CheckAccess()) {
    Concerns(route_->name(), "");
    return Reply(*refusal);
  }
  if (route_->redirect()) return Redirect(*route_->redirect());

  target_ = &route_->PickTarget(session_.context().random);
  Concerns(route_->name(), target_->cluster);
  if (const auto refusal = CheckUpgrade(head_, record_.upgrade(), *route_)) return Reply(*refusal);
  if (const auto refusal = TakeTurn()) return Reply(*refusal);
  if (!place_) DialCluster();
}

std::optional<LocalReply> Exchange::TakeTurn() {
  using Verdict = admission::UpgradeTurn::Verdict;
  if (record_.upgrade().empty()) return std::nullopt;
  SessionOwner& owner = session_.owner();
  if (!owner.TakesUpgrades()) return kOverloaded;
  const admission::UpgradeTurn turn = owner.queue().Ask(client_.ip, session_.context().loop.Now());
  switch (turn.verdict) {
    case Verdict::kNow:
      break;
    case Verdict::kLater:
      session_.Happened(Event::kQueued);
      place_ = owner.queue().Join(turn, session_.ListenerStats().waiting_upgrades,
                                  [this](admission::UpgradeQueue::Outcome outcome) { LeftQueue(outcome); });
      break;
    case Verdict::kTooMany:
      return kSurge;
    case Verdict::kClientTooMany:
      return kTooManyUpgrades;
  }
  return std::nullopt;
}

void Exchange::LeftQueue(admission::UpgradeQueue::Outcome outcome) {
  place_.reset();
  if (outcome == admission::UpgradeQueue::Outcome::kTooLate) return Reply(kSurge);
  if (session_.context().stage == DrainStage::kWindow) return Reply(kDraining);
  if (!session_.owner().TakesUpgrades()) return Reply(kOverloaded);
  DialCluster();
}

std::optional<LocalReply> Exchange::CheckAccess() const {
  if (!route_->client_addresses().Allow(client_.ip)) return kAddressDenied;
  if (!route_->origins().Allow(head_.fields)) return kOriginDenied;
  if (session_.context().stage == DrainStage::kWindow) return kDraining;
  return std::nullopt;
}

void Exchange::DialCluster() {
  session_.Happened(Event::kRequest);
  Context& context = session_.context();
  const std::shared_ptr<const snapshot::Cluster>& cluster = snapshot_->clusters()[target_->cluster_index];
  cluster_ = cluster.get();
  affinity_.emplace(*cluster, view_, *context.sealers, context.random);
  key_ = affinity_->key();
  dial_ = std::make_unique<upstream::Dial>(context.loop, context.tls, context.random, cluster, key_,
                                           route_->timeouts().connect);
  dial_->Announce(ProxyHeaderFor(snapshot_->config().clusters[target_->cluster_index].proxy_protocol,
                                 session_.connection()));
  if (auto lease = affinity_->Return()) dial_->Prefer(*std::move(lease));
  dial_->Start([this](upstream::Dial::Result result) { Dialed(std::move(result)); });
}

void Exchange::Dialed(upstream::Dial::Result result) {
  if (const auto* failure = std::get_if<upstream::DialFailure>(&result)) return Reply(ReplyTo(*failure));
  auto& connection = std::get<upstream::Connection>(result);
  backend_ = std::move(connection.stream);
  lease_ = std::move(connection.lease);
  record_.SetEndpoint(lease_->endpoint());
  backend_->SetDelegate(this);
  backend_spoke_ = false;
  response_.emplace(kResponseLimits, head_.method);
  const std::string head = RequestHeadFor({.head = head_,
                                           .route = *route_,
                                           .client = client_,
                                           .variables = variables(),
                                           .upgrade = record_.upgrade()});
  if (backend_->Write(head) == stream::WriteResult::kBuffered) PauseClient();
  backend_->Start();
  session_.Happened(Event::kConnected);
  session_.Release();
}

bool Exchange::Repeatable() const {
  return !answering_ && head_.body.framing == http1::Framing::kNone && IsIdempotent(head_.method);
}

bool Exchange::TryAnother() {
  if (!dial_->PickAnother(*lease_)) return false;
  backend_.reset();
  lease_.reset();
  response_.reset();
  gathered_.clear();
  session_.Happened(Event::kRetry);
  ResumeClient();  // whom the former backend may have kept waiting
  dial_->Start([this](upstream::Dial::Result result) { Dialed(std::move(result)); });
  return true;
}

void Exchange::EndAttempts() {
  if (!dial_) return;
  record_.stats()->retries.Add(dial_->retries());
  record_.stats()->retries_over_budget.Add(dial_->over_budget());
  dial_.reset();
}

void Exchange::OnRequestBytes(std::string_view bytes) {
  if (place_) return Reply(kSurge);  // more than is kept for who waits
  if (request_complete_) return session_.Hold(bytes);
  std::string onward;
  while (!request_complete_) {
    std::string_view wire;
    switch (session_.reader().Next(&bytes)) {
      case http1::Event::kBody:
        record_.Received(session_.reader().body().size());
        if (pace_.Received(session_.reader().body().size(), session_.context().loop.Now())) {
          session_.ArmDeadline();
        }
        request_writer_.Write(session_.reader().body(), &scratch_, &wire);
        onward.append(wire);
        continue;
      case http1::Event::kEnd:
        request_complete_ = true;
        request_writer_.End(session_.reader().trailers(), &scratch_, &wire);
        onward.append(wire);
        continue;
      case http1::Event::kError:
        if (record_.status() == 0) return Reply(ReplyTo(session_.reader().error()));
        record_.Failed(RejectReason::kBadRequest);
        return session_.BreakOff();
      default:
        break;
    }
    break;
  }
  if (!onward.empty() && backend_->Write(onward) == stream::WriteResult::kBuffered) PauseClient();
  if (!bytes.empty()) session_.Hold(bytes);
}

void Exchange::PauseClient() {
  session_.PauseClient();
  pace_.Pause(session_.context().loop.Now());
}

void Exchange::ResumeClient() {
  session_.ResumeClient();
  pace_.Resume(session_.context().loop.Now());
  if (BodyDue()) session_.ArmDeadline();
}

void Exchange::OnFlushed() {
  ResumeClient();
}

void Exchange::OnClientFlushed() {
  if (backend_) backend_->Resume(stream::PauseReason::kPeerFull);
}

void Exchange::OnClientEnded() {
  // A client that has sent its whole request may half-close and wait; one in the middle of a body has given
  // up.
  // Nor is there a WebSocket that begins with its end: who waits for a turn and leaves makes room.
  if (!request_complete_ || place_) session_.Close(RejectReason::kClientGone);
}

void Exchange::Reply(const LocalReply& reply) {
  record_.Failed(reply.reason);
  const bool keep_alive = KeepsAliveAfterReply();
  int retry_after = 0;
  if (reply.status == 503 || reply.status == 429) {
    retry_after = 1 + static_cast<int>(session_.context().random() % 5);
  }
  session_.Send(Render(reply, record_.request_id(), head_.method == "HEAD", !keep_alive, retry_after));
  record_.Answered(reply.status);
  record_.Completed();
  session_.Answered(keep_alive);
}

void Exchange::Redirect(const config::Redirect& redirect) {
  Concerns(route_->name(), "");
  const bool keep_alive = KeepsAliveAfterReply();
  session_.Send(RenderRedirect(redirect.status, route::Location(redirect, client_.proto, view_),
                               record_.request_id(), !keep_alive));
  record_.Answered(redirect.status);
  record_.Completed();
  session_.Answered(keep_alive);
}

bool Exchange::KeepsAliveAfterReply() const {
  return head_.keep_alive && head_.minor_version > 0 && request_complete_ && session_.MayContinue();
}

base::Duration Exchange::keep_alive() const {
  return route_ != nullptr ? route_->timeouts().keep_alive : config::Timeouts{}.keep_alive;
}

void Exchange::Concerns(std::string_view route, std::string_view cluster) {
  record_.Concerns(listener_.name, route, cluster);
}

route::Variables Exchange::variables() const {
  route::Variables variables = TlsVariables(session_.connection());
  variables.client_ip = client_ip_;
  variables.host = head_.host;
  variables.request_id = record_.request_id();
  variables.listener = listener_.name;
  variables.route = route_->name();
  variables.cluster = record_.stats()->labels().cluster;
  return variables;
}

void Exchange::Close(RejectReason unfinished) {
  if (closed_) return;
  closed_ = true;
  place_.reset();
  EndAttempts();
  backend_.reset();
  record_.Close(unfinished);
}

}  // namespace fairlead::proxy
