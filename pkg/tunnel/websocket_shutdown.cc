#include <utility>

#include "pkg/tunnel/websocket_tunnel.h"
#include "pkg/websocket/close_code.h"

namespace fairlead::tunnel {
namespace {

using telemetry::CloseReason;
using telemetry::Initiator;
using websocket::Opcode;

// How long both sides may take to end their connections once all has been said.
constexpr base::Duration kLingerTime{2000};

Initiator WhoEnded(CloseReason reason) {
  switch (reason) {
    case CloseReason::kClientClosed:
    case CloseReason::kClientReset:
    case CloseReason::kClientTimeout:
    case CloseReason::kClientError:
    case CloseReason::kClientTruncated:
    case CloseReason::kClientTlsError:
      return Initiator::kClient;
    case CloseReason::kBackendClosed:
    case CloseReason::kBackendReset:
    case CloseReason::kBackendTimeout:
    case CloseReason::kBackendError:
    case CloseReason::kBackendTruncated:
    case CloseReason::kBackendTlsError:
      return Initiator::kBackend;
    default:
      return Initiator::kProxy;
  }
}

}  // namespace

void WebSocketTunnel::Shut(const CloseOrder& order) {
  if (closed() || shutdown_) return;
  if (transparent_) return Close(order.reason);
  if (client().ended || backend().ended) return Cut(order);
  if (close_code_ != 0) return BeginShutdown(order, Stage::kAnswered, order.answer_time);  // they are at it
  BeginShutdown(order, Stage::kWanted, order.answer_time);
  if (from_backend_.TakesFrames()) SendClose();
}

void WebSocketTunnel::Cut(const CloseOrder& order) {
  if (closed()) return;
  if (!transparent_ && !shutdown_ && close_code_ == 0) {
    BeginShutdown(order, Stage::kLingering, base::Duration(0));
    if (SendCloseTo(client())) NoteClose(order.code, Initiator::kProxy);
    SendCloseTo(backend());
  }
  Close(order.reason);
}

// What came from one side must not go on. The other has seen whole frames only, if not whole messages.
void WebSocketTunnel::Fail(const CloseOrder& order) {
  if (shutdown_) return Linger();
  BeginShutdown(order, Stage::kWanted, order.answer_time);
  shutdown_->failing = true;
  if (!SendCloseTo(backend())) backend().stream->End();
  Drop(from_client_);
  if (from_backend_.TakesFrames()) SendClose();
}

void WebSocketTunnel::BeginShutdown(const CloseOrder& order, Stage stage, base::Duration time) {
  pinging_ = false;
  NoteEnd(order.reason);
  shutdown_ = std::make_unique<Shutdown>(
      Shutdown{.order = order, .stage = stage, .deadline = environment().clock.Now() + time});
  ArmDeadline();
}

void WebSocketTunnel::SendClose() {
  SendCloseTo(client());
  NoteClose(shutdown_->order.code, Initiator::kProxy);
  Drop(from_backend_);
  shutdown_->stage = Stage::kSent;
  if (shutdown_->failing) Linger();
}

void WebSocketTunnel::Linger() {
  shutdown_->stage = Stage::kLingering;
  shutdown_->deadline = environment().clock.Now() + kLingerTime;
  if (!client().ended && SendCloseTo(client())) NoteClose(shutdown_->order.code, Initiator::kProxy);
  // Where the backend is inside a frame there is nothing to tell it but that no more will come.
  const bool told = from_client_.mode == Mode::kDrop || backend().ended || SendCloseTo(backend());
  Drop(from_client_);
  Drop(from_backend_);
  if (!client().ended) client().stream->End();
  if (!told && !backend().ended) backend().stream->End();
  ArmDeadline();
}

void WebSocketTunnel::Drop(Way& way) {
  instruments().websocket.dropped_bytes.Add(way.TakeHeld().size());
  way.StopParsing(Mode::kDrop);
  (&way == &from_client_ ? client() : backend()).stream->Resume(stream::PauseReason::kPeerFull);
}

bool WebSocketTunnel::SendCloseTo(Side& side) {
  if (!WayFrom(PeerOf(side)).TakesFrames()) return false;
  const CloseOrder& order = shutdown_->order;
  SendControl(side, Opcode::kClose, websocket::ClosePayload(order.code, order.text));
  return true;
}

void WebSocketTunnel::SendControl(Side& side, Opcode opcode, std::string_view payload) {
  std::optional<websocket::MaskingKey> key;
  if (!IsClient(side)) {
    const uint64_t random = environment().random();
    key.emplace();
    for (size_t i = 0; i < key->size(); ++i) (*key)[i] = static_cast<uint8_t>(random >> (8 * i));
  }
  Write(side, websocket::WriteControlFrame(opcode, payload, key));
}

void WebSocketTunnel::NoteClose(uint16_t code, Initiator initiator) {
  if (close_code_ != 0) return;
  close_code_ = code;
  close_initiator_ = initiator;
}

bool WebSocketTunnel::CloseRelayed(Passage& passage, std::string_view payload) {
  const bool client_closed = IsClient(passage.from);
  NoteClose(websocket::CloseCodeOf(payload).value_or(websocket::kProtocolError),
            client_closed ? Initiator::kClient : Initiator::kBackend);
  pinging_ = false;
  passage.way.StopParsing(Mode::kPass);  // nothing comes behind a Close that means anything
  if (!shutdown_) {
    NoteEnd(client_closed ? CloseReason::kClientClosed : CloseReason::kBackendClosed);
  } else if (client_closed) {
    if (shutdown_->stage == Stage::kSent) client().stream->End();  // a server ends first (RFC 6455 §7.1.1)
    shutdown_->stage = Stage::kAnswered;
  }
  ArmDeadline();
  return LeaveToMode(passage);
}

void WebSocketTunnel::Ended(Side& side) {
  Way& way = WayFrom(side);
  if (!shutdown_) {
    pinging_ = false;
    if (way.held) Write(PeerOf(side), way.TakeHeld());
    way.StopParsing(Mode::kPass);
    return Tunnel::Ended(side);
  }
  side.ended = true;
  const bool unanswered = shutdown_->stage == Stage::kWanted || shutdown_->stage == Stage::kSent;
  if (unanswered && (IsClient(side) || shutdown_->stage == Stage::kWanted)) Linger();
  if (!IsClient(side) && !client().ended) client().stream->End();
  CloseWhenDone();
}

void WebSocketTunnel::Failed(Side& side, stream::Failure failure) {
  if (!shutdown_) {
    pinging_ = false;
    return Tunnel::Failed(side, failure);
  }
  if (!IsClient(side) || backend().ended) return Close(shutdown_->order.reason);
  client().ended = true;
  if (shutdown_->stage != Stage::kAnswered) Linger();
}

void WebSocketTunnel::TimedOut(CloseReason reason) {
  switch (reason) {
    case CloseReason::kIdleTimeout:
      return Shut({.reason = reason, .code = websocket::kGoingAway, .text = "idle timeout"});
    case CloseReason::kMaxLifetime:
      return Shut({.reason = reason, .code = websocket::kGoingAway, .text = "maximum lifetime reached"});
    default:
      return Close(reason);
  }
}

void WebSocketTunnel::OnDeadline(base::MonotonicTime now) {
  if (shutdown_) {
    if (now < shutdown_->deadline) return ArmDeadline();
    const bool over = shutdown_->stage == Stage::kAnswered || shutdown_->stage == Stage::kLingering;
    return over ? Close(shutdown_->order.reason) : Linger();
  }
  for (Side* side : {&client(), &backend()}) {
    const bool pinged = IsClient(*side) ? rules_->ping_client : rules_->ping_backend;
    if (pinging_ && pinged) JudgeSide(*side, WayFrom(*side), now);
  }
  if (!closed() && !shutdown_) Tunnel::OnDeadline(now);
}

void WebSocketTunnel::Closing(CloseReason reason) {
  if (transparent_) return;
  NoteClose(websocket::kAbnormal, WhoEnded(reason));
  instruments().websocket.closes.Add(close_code_, close_initiator_);
}

}  // namespace fairlead::tunnel
