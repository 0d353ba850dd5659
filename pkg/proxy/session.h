#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/admission/ticket.h"
#include "pkg/admission/upgrade_queue.h"
#include "pkg/admission/upgrade_rates.h"
#include "pkg/base/address.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/http1/request_reader.h"
#include "pkg/proxy/connection_info.h"
#include "pkg/proxy/context.h"
#include "pkg/proxy/exchange.h"
#include "pkg/proxy/local_reply.h"
#include "pkg/proxy/session_state.h"
#include "pkg/proxy_protocol/header_reader.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/stream/stream.h"
#include "pkg/telemetry/reject_reason.h"
#include "pkg/tls/tls_stream.h"
#include "pkg/tunnel/tunnel.h"
#include "pkg/websocket/rules.h"

namespace fairlead::proxy {

class Session;

// Where sessions come from. It gives them the configuration that their listener has now, or had last when it
// was removed: who was let in is served.
class SessionOwner {
 public:
  virtual std::shared_ptr<const snapshot::Snapshot> CurrentSnapshot() const = 0;
  virtual const snapshot::Listener& CurrentListener() const = 0;
  // The address as bound.
  virtual const base::SocketAddress& LocalAddress() const = 0;
  // False when the listener is gone or has too many: connections end with the request they are at.
  virtual bool KeepsAlive() const = 0;
  // False when it has too much to do to take upgrades.
  virtual bool TakesUpgrades() const = 0;
  // Where upgrades are asked for, and wait.
  virtual admission::UpgradeQueue& queue() = 0;
  // Called once, when the session has closed or handed its connection over. To be buried, not destroyed
  // inside.
  virtual void OnSessionClosed(Session& session) = 0;

 protected:
  ~SessionOwner() = default;
};

// A client connection up to its end, or until it becomes a tunnel: reads one request after the other, has
// each carried out by an Exchange, and holds back what belongs to the next. Its life is the state machine of
// session_state.h.
class Session final : private base::DeadlineWheel::Entry, private stream::Delegate {
 public:
  Session(Context& context, SessionOwner& owner, std::unique_ptr<stream::Stream> client,
          const base::SocketAddress& peer, admission::Ticket ticket);
  ~Session();

  void Start();
  // Closes when no request is under way; otherwise the one that is will be the last. Who has yet to ask its
  // first may still do so, within the handshake timeout: it may be on its way. In the drain's window, who
  // waits for a turn is refused.
  void CloseIfIdle();
  // `unfinished` is why an exchange under way ends without its answer.
  void Close(telemetry::RejectReason unfinished);

  // Its place in the owner's list of sessions; the owner's to use.
  size_t index = 0;

  // For its exchange.

  Context& context() { return context_; }
  SessionOwner& owner() { return owner_; }
  http1::RequestReader& reader() { return reader_; }
  const ConnectionInfo& connection() const { return connection_; }
  telemetry::ListenerStats& ListenerStats() { return ticket_->stats(); }
  base::MonotonicTime request_began() const { return request_began_; }
  State state() const { return state_; }

  // Moves the state machine on; closed once and for all when that is where it leads.
  void Happened(Event event);
  // Whether the connection may carry another request behind this one, as far as anybody can tell now.
  bool MayContinue() const;
  // Bytes of the answer. kBuffered: nothing more until Exchange::OnClientFlushed.
  stream::WriteResult Send(std::string_view bytes);
  // Client bytes that it is not yet time for; reading stops.
  void Hold(std::string_view bytes);
  // Reading goes on, with what was held first.
  void Release();
  void PauseClient() { client_->Pause(stream::PauseReason::kPeerFull); }
  void ResumeClient() { client_->Resume(stream::PauseReason::kPeerFull); }
  // The answer is complete. With `keep_alive` (the request must be complete too) the next request is read;
  // otherwise the connection ends once the client has read it.
  void Answered(bool keep_alive);
  // The answer cannot be completed: the client sees the connection break.
  void BreakOff();
  // A sign of life from either side, for the timeouts.
  void Touch();
  // A deadline has come nearer.
  void ArmDeadline();
  // What an exchange leaves to the tunnel that it has become.
  struct Upgraded {
    std::unique_ptr<stream::Stream> backend;
    endpoint::Lease lease;
    telemetry::RouteStatsRef stats;
    telemetry::UpgradeKind kind;
    telemetry::Handshake handshake;
    tunnel::Timeouts timeouts;
    std::shared_ptr<const websocket::Rules> rules;  // of a WebSocket; null = it is none
    std::optional<endpoint::PlacedKey> key;
    std::string_view early_from_backend;
  };
  // Hands the connection over.
  void BecomeTunnel(Upgraded upgraded);

 private:
  void OnData(std::string_view bytes) override;
  void OnEnd() override;
  void OnFlushed() override;
  void OnError(stream::Failure failure) override;
  void OnDeadline(base::MonotonicTime now) override;

  bool CountClient();
  void ReadProxyHeader(std::string_view bytes);
  // Whatever comes next, it begins with these bytes.
  void Begin(std::string_view bytes);
  void StartTls(std::string_view bytes);
  void Shaken(tls::Failure failure);
  void LogHandshakeFailure(std::string_view why);
  void Reject(telemetry::ConnectionReject reason);
  void ReadRequests(std::string_view bytes);
  void NoteHeadBegins();
  void RefuseHead(const LocalReply& reply);
  // No exchange is under way, or the client is gone.
  void Close() { Close(telemetry::RejectReason::kClientGone); }
  void EndExchange(telemetry::RejectReason unfinished = telemetry::RejectReason::kClientGone);
  void Leave();
  void Linger();
  // Ends a connection on which nothing is asked; an earlier answer may still be on its way.
  void CloseWhenRead();
  std::optional<base::MonotonicTime> Due() const;
  void TimedOut();

  Context& context_;
  SessionOwner& owner_;
  std::unique_ptr<stream::Stream> client_;
  tls::TlsStream* tls_ = nullptr;  // client_, while it shakes hands
  ConnectionInfo connection_;
  std::optional<admission::Ticket> ticket_;
  http1::RequestReader reader_;
  std::unique_ptr<Exchange> exchange_;
  std::string held_;
  std::unique_ptr<proxy_protocol::HeaderReader> proxy_header_;  // while it is awaited
  State state_ = State::kHead;
  bool client_ended_ = false;
  bool served_ = false;                // a request was answered
  base::MonotonicTime request_began_;  // exact; of the current head's first byte
  base::MonotonicTime last_activity_;
  base::Duration patience_;  // how long the next head may take: its first byte or, once there, its last
  size_t waiting_ = 0;       // bytes that wait for the client, when last looked at
  bool reading_requests_ =
      false;  // ReadRequests is on the stack: pipelined requests are answered there, in a loop
};

}  // namespace fairlead::proxy
