#include "pkg/proxy/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "pkg/proxy/client_identity.h"
#include "pkg/proxy/tunnel_table.h"
#include "pkg/telemetry/log.h"

namespace fairlead::proxy {
namespace {

http1::HeadLimits HeadLimitsOf(const snapshot::Listener& listener) {
  http1::HeadLimits limits;
  limits.max_head_bytes = listener.limits.max_header_bytes;
  limits.max_start_line_bytes = std::min(limits.max_start_line_bytes, limits.max_head_bytes);
  return limits;
}

// How much who waits for a turn may say meanwhile. It is read, or nobody would see that its client has gone.
constexpr size_t kMaxEarlyBytes = 16384;

}  // namespace

Session::Session(Context& context, SessionOwner& owner, std::unique_ptr<stream::Stream> client,
                 const base::SocketAddress& peer, admission::Ticket ticket)
    : context_(context),
      owner_(owner),
      client_(std::move(client)),
      connection_{.peer = peer, .local = owner.LocalAddress()},
      ticket_(std::move(ticket)),
      reader_(HeadLimitsOf(owner.CurrentListener())),
      last_activity_(context.loop.Now()),
      patience_(owner.CurrentListener().limits.handshake_timeout) {}

Session::~Session() = default;

void Session::Start() {
  client_->SetDelegate(this);
  const snapshot::Listener& listener = owner_.CurrentListener();
  if (listener.proxy_protocol != config::ProxyProtocol::kDisabled) {
    if (IsTrusted(connection_.peer, listener.trusted_proxies)) {
      state_ = State::kProxyHeader;
      proxy_header_ = std::make_unique<proxy_protocol::HeaderReader>();
    } else if (listener.proxy_protocol == config::ProxyProtocol::kRequired) {
      return Reject(telemetry::ConnectionReject::kProxyUntrusted);
    }
  }
  if (state_ == State::kHead && !CountClient()) return;
  if (state_ == State::kHead && listener.wants_tls) {
    state_ = State::kTls;
    return StartTls({});
  }
  client_->Start();
  ArmDeadline();
}

void Session::OnData(std::string_view bytes) {
  switch (state_) {
    case State::kProxyHeader:
      return ReadProxyHeader(bytes);
    case State::kHead:
      return ReadRequests(bytes);
    case State::kQueue:
      held_.append(bytes);
      if (held_.size() > kMaxEarlyBytes) exchange_->OnRequestBytes({});
      return;
    case State::kConnect:
      return Hold(bytes);
    case State::kResponse:
    case State::kBody:
      Touch();
      return exchange_->OnRequestBytes(bytes);
    default:
      return;  // lingering: read and forgotten
  }
}

void Session::ReadProxyHeader(std::string_view bytes) {
  using Result = proxy_protocol::HeaderReader::Result;
  const Result result = proxy_header_->Next(&bytes);
  if (result == Result::kNeedMore) return;
  const auto reader = std::move(proxy_header_);
  const bool required = owner_.CurrentListener().proxy_protocol == config::ProxyProtocol::kRequired;
  if (result == Result::kError || (result == Result::kAbsent && required)) {
    return Reject(telemetry::ConnectionReject::kProxyHeader);
  }
  if (result == Result::kDone && !reader->header().local) {
    connection_.proxied = reader->header();
    if (connection_.proxied->source) {
      connection_.peer = *connection_.proxied->source;
      connection_.local = *connection_.proxied->destination;
    }
  }
  if (result == Result::kDone) return Begin(bytes);
  std::string whole(reader->taken());
  Begin(whole.append(bytes));
}

// Who the client is has been said, if it ever will be. False when it has too many connections, and this one
// is gone.
bool Session::CountClient() {
  const base::IpPort* const client = connection_.peer.ip_port();
  const bool said = connection_.proxied && connection_.proxied->source;
  if (client == nullptr) return true;
  if (!said && IsTrusted(connection_.peer, owner_.CurrentListener().trusted_proxies)) return true;
  if (ticket_->CountFor(client->ip)) return true;
  ListenerStats().ConnectionRejected(telemetry::ConnectionReject::kClientLimit);
  BreakOff();
  return false;
}

void Session::Begin(std::string_view bytes) {
  if (!CountClient()) return;
  if (owner_.CurrentListener().wants_tls) {
    Happened(Event::kTlsExpected);
    return StartTls(bytes);
  }
  Happened(Event::kProxied);
  if (!bytes.empty()) ReadRequests(bytes);
}

void Session::StartTls(std::string_view bytes) {
  const snapshot::Listener& listener = owner_.CurrentListener();
  if (listener.tls == nullptr) return Reject(telemetry::ConnectionReject::kTlsNoKey);
  auto tls = tls::TlsStream::Accept(context_.tls, listener.tls, std::move(client_));
  if (!tls) return Leave();  // no memory
  tls_ = tls.get();
  client_ = std::move(tls);
  ArmDeadline();
  tls_->Handshake([this](tls::Failure failure) { Shaken(failure); });
  if (!bytes.empty()) tls_->Feed(bytes);
}

void Session::Shaken(tls::Failure failure) {
  tls::TlsStream& tls = *std::exchange(tls_, nullptr);
  if (failure == tls::Failure::kNone) {
    connection_.tls = tls.TakeInfo();
    Happened(Event::kSecured);
    client_->SetDelegate(this);
    return client_->Start();
  }
  if (failure == tls::Failure::kTransport || failure == tls::Failure::kTruncated)
    return Close();  // it has left
  ListenerStats().ConnectionRejected(failure == tls::Failure::kPeerUnverified
                                         ? telemetry::ConnectionReject::kTlsUnverified
                                         : telemetry::ConnectionReject::kTlsHandshake);
  LogHandshakeFailure(tls.error());
  // The alert must not be lost to a reset: a client may have sent its request behind its certificate.
  std::unique_ptr<stream::Stream> below = tls.TakeBelow();
  context_.loop.Bury(std::exchange(client_, std::move(below)));
  client_->SetDelegate(this);
  Linger();
}

// OpenSSL's words, in which nothing stands that the client has sent.
void Session::LogHandshakeFailure(std::string_view why) {
  base::OncePerSecond& log = ticket_->gate().tls_log();
  if (!log.Ready(context_.loop.Now())) return;
  telemetry::LogInfo(fmt::format("listener {}: client {}: TLS handshake failed: {}{}",
                                 owner_.CurrentListener().name, connection_.peer.ToString(), why,
                                 log.TakeSuppressed()));
}

void Session::Reject(telemetry::ConnectionReject reason) {
  ListenerStats().ConnectionRejected(reason);
  Close();
}

void Session::ReadRequests(std::string_view bytes) {
  std::string pipelined;
  reading_requests_ = true;
  while (state_ == State::kHead) {
    // Who does not read gets no more answers: they would pile up.
    if (client_->buffered() > 0) {
      if (!bytes.empty()) Hold(bytes);
      break;
    }
    if (!reader_.started() && !bytes.empty()) NoteHeadBegins();
    const http1::Event event = reader_.Next(&bytes);
    if (event == http1::Event::kNeedMore) break;
    if (event == http1::Event::kError) {
      RefuseHead(ReplyTo(reader_.error()));
      break;
    }
    held_ = std::string(bytes);  // `bytes` may be a view of `pipelined`
    exchange_ = std::make_unique<Exchange>(*this);
    exchange_->Begin();
    if (state_ == State::kQueue && held_.size() > kMaxEarlyBytes) exchange_->OnRequestBytes({});
    if (state_ != State::kHead) {
      if (client_ && !held_.empty() && state_ != State::kQueue) client_->Pause(stream::PauseReason::kHeld);
      break;
    }
    pipelined = std::exchange(held_, {});  // answered at once: the next one may be here already
    bytes = pipelined;
  }
  reading_requests_ = false;
}

void Session::NoteHeadBegins() {
  request_began_ = context_.Now();
  patience_ = owner_.CurrentListener().limits.handshake_timeout;
  Touch();
  ArmDeadline();
}

void Session::Hold(std::string_view bytes) {
  held_.append(bytes);
  client_->Pause(stream::PauseReason::kHeld);
}

void Session::Release() {
  client_->Resume(stream::PauseReason::kHeld);
  if (held_.empty()) return;
  const std::string bytes = std::exchange(held_, {});
  OnData(bytes);
}

stream::WriteResult Session::Send(std::string_view bytes) {
  const stream::WriteResult result = client_->Write(bytes);
  const bool was_waiting = std::exchange(waiting_, client_->buffered()) > 0;
  if (!was_waiting && waiting_ > 0) ArmDeadline();  // another timeout applies now, which may be shorter
  return result;
}

bool Session::MayContinue() const {
  return owner_.KeepsAlive() && context_.stage != DrainStage::kWindow && !client_ended_;
}

void Session::Touch() {
  last_activity_ = context_.loop.Now();
}

void Session::Happened(Event event) {
  const std::optional<State> next = Next(state_, event);
  assert(next && "an event that this state does not know");
  if (!next) return Close();
  state_ = *next;
  Touch();
  ArmDeadline();
}

void Session::Answered(bool keep_alive) {
  served_ = true;
  if (!keep_alive) return Linger();
  patience_ = exchange_->keep_alive();
  EndExchange();
  reader_.StartNext();
  Happened(Event::kDone);
  client_->Resume(stream::PauseReason::kPeerFull);
  if (!reading_requests_) Release();  // otherwise the loop there goes on with what is held
}

void Session::RefuseHead(const LocalReply& reply) {
  Send(Render(reply, "", /*head_only=*/false, /*close=*/true, 0));
  const telemetry::RouteStatsRef stats = context_.stats.Route(owner_.CurrentListener().name, "", "");
  stats->requests.Add(reply.status);
  if (context_.access_log != nullptr) {
    const std::string client = connection_.peer.ToString();
    const auto duration =
        std::chrono::duration_cast<std::chrono::microseconds>(context_.Now() - request_began_);
    context_.access_log->Ended(
        context_.clock.WallNow(),
        {.id = context_.next_id++, .client = client, .status = reply.status, .handshake = duration},
        {.listener = owner_.CurrentListener().name},
        {.duration = duration, .reason = telemetry::ToString(reply.reason)});
  }
  Linger();
}

void Session::EndExchange(telemetry::RejectReason unfinished) {
  if (!exchange_) return;
  exchange_->Close(unfinished);
  context_.loop.Bury(std::move(exchange_));
}

void Session::Linger() {
  EndExchange();
  held_.clear();
  client_->End();
  Happened(Event::kLast);
  // What the client still sends is read and forgotten: closing on unread bytes would reset the connection,
  // and with it an answer that the client has not read yet (RFC 9112 §9.6).
  client_->Resume(stream::PauseReason::kPeerFull);
  client_->Resume(stream::PauseReason::kHeld);
  if (client_ended_ && client_->buffered() == 0) Close();
}

void Session::BreakOff() {
  client_->ResetOnClose();
  Close();
}

void Session::CloseIfIdle() {
  if (state_ == State::kQueue && context_.stage == DrainStage::kWindow) return exchange_->OnTimeout();
  if (state_ == State::kHead && !reader_.started() && served_) CloseWhenRead();
}

void Session::CloseWhenRead() {
  if (client_->buffered() > 0) return Linger();
  Close();
}

void Session::Close(telemetry::RejectReason unfinished) {
  if (!client_) return;
  EndExchange(unfinished);
  client_.reset();
  Leave();
}

void Session::Leave() {
  state_ = State::kClosed;
  Disarm();
  ticket_.reset();
  owner_.OnSessionClosed(*this);
}

void Session::BecomeTunnel(Upgraded upgraded) {
  Happened(Event::kUpgraded);
  // Without an access log, too, tunnels are listed, and named to be closed.
  const telemetry::Handshake& all = upgraded.handshake;
  const telemetry::Handshake least{.id = all.id, .client = all.client};
  tunnel::Parts parts{.client = std::move(client_),
                      .backend = std::move(upgraded.backend),
                      .ticket = *std::move(ticket_),
                      .lease = std::move(upgraded.lease),
                      .stats = std::move(upgraded.stats),
                      .kind = upgraded.kind,
                      .handshake = telemetry::PackedHandshake(context_.access_log == nullptr ? least : all),
                      .began = request_began_,
                      .timeouts = upgraded.timeouts,
                      .key = upgraded.key};
  ticket_.reset();
  Disarm();
  EndExchange();
  context_.tunnels.Open(
      std::move(parts), std::move(upgraded.rules),
      {.from_client = held_, .from_backend = upgraded.early_from_backend, .client_ended = client_ended_});
  owner_.OnSessionClosed(*this);
}

void Session::OnEnd() {
  client_ended_ = true;
  switch (state_) {
    case State::kProxyHeader:
      return Close();
    case State::kHead:
      return CloseWhenRead();
    case State::kLinger:
      if (client_->buffered() == 0) Close();
      return;
    default:
      exchange_->OnClientEnded();
  }
}

void Session::OnFlushed() {
  Touch();
  waiting_ = 0;
  if (state_ == State::kLinger && client_ended_) return Close();
  ArmDeadline();
  if (exchange_) {
    exchange_->OnClientFlushed();
  } else if (state_ == State::kHead) {
    Release();  // requests that waited for an earlier answer to be read
  }
}

void Session::OnError(stream::Failure) {
  Close();
}

}  // namespace fairlead::proxy
