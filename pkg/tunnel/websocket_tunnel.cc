#include "pkg/tunnel/websocket_tunnel.h"

#include <algorithm>
#include <utility>

#include "pkg/websocket/close_code.h"

namespace fairlead::tunnel {
namespace {

using telemetry::CloseReason;
using telemetry::MessageKind;
using websocket::IsControl;
using websocket::Opcode;
using websocket::Sender;
using Step = websocket::FrameCursor::Step;

MessageKind KindOf(Opcode opcode) {
  switch (opcode) {
    case Opcode::kText:
      return MessageKind::kText;
    case Opcode::kClose:
      return MessageKind::kClose;
    case Opcode::kPing:
      return MessageKind::kPing;
    case Opcode::kPong:
      return MessageKind::kPong;
    default:
      return MessageKind::kBinary;
  }
}

bool Pings(const websocket::Rules& rules) {
  return rules.ping_interval > base::Duration(0) && (rules.ping_client || rules.ping_backend);
}

}  // namespace

WebSocketTunnel::WebSocketTunnel(Environment& environment, Parts parts,
                                 std::shared_ptr<const websocket::Rules> rules)
    : Tunnel(environment, std::move(parts)),
      rules_(std::move(rules)),
      from_client_(*this, environment.clock.Now()),
      from_backend_(*this, environment.clock.Now()),
      pinging_(Pings(*rules_)),
      limits_clients_(rules_->limits_clients()) {
  from_client_.plain = !limits_clients_;
}

WebSocketTunnel::~WebSocketTunnel() = default;

std::optional<Conversation> WebSocketTunnel::conversation() const {
  return Conversation{.messages_from_client = from_client_.messages,
                      .messages_from_backend = from_backend_.messages,
                      .close_code = close_code_,
                      .close_initiator = close_initiator_,
                      .client_ping_rtt = std::chrono::microseconds(from_client_.ping_rtt),
                      .backend_ping_rtt = std::chrono::microseconds(from_backend_.ping_rtt)};
}

// The hot path: what a Tunnel does, and what it takes to count a message.
template <Sender kSender>
inline void WebSocketTunnel::RelayMessage(std::string_view bytes) {
  Side& from = SideOf<kSender>();
  Way& way = WayFrom(from);
  const auto message = way.plain ? websocket::FrameCursor::MessageIn<kSender>(bytes) : std::nullopt;
  if (!message) return RelayParsed(from, way, bytes);
  ++way.messages;
  // Not one call with either kind: its place would have to be computed.
  if (message->text) {
    CountersOf(from, MessageKind::kText).Add(message->size);
  } else {
    CountersOf(from, MessageKind::kBinary).Add(message->size);
  }
  Count(from, bytes.size());
  const base::MonotonicTime now = environment().clock.Now();
  way.keepalive.Heard(now);
  NoteActivity(now);
  // Nobody waits for the boundary behind it: whoever wants one while the cursor stands at one has it.
  Write(PeerOf(from), bytes);
}

template <Sender kSender>
void WebSocketTunnel::SideDelegate<kSender>::OnData(std::string_view bytes) {
  tunnel_.RelayMessage<kSender>(bytes);
}

void WebSocketTunnel::RelayParsed(Side& from, Way& way, std::string_view bytes) {
  Count(from, bytes.size());
  const base::MonotonicTime now = environment().clock.Now();
  way.keepalive.Heard(now);
  if (way.mode != Mode::kFrames) return RelayUnparsed(from, way, bytes, now);
  RelayFrames(from, way, bytes, now);
  way.plain = way.mode == Mode::kFrames && way.cursor.before_message() && !Limits(from);
}

void WebSocketTunnel::RelayFrames(Side& from, Way& way, std::string_view bytes, base::MonotonicTime now) {
  Passage passage{.from = from, .way = way, .now = now, .run = bytes.data(), .rest = bytes};
  while (!passage.rest.empty()) {
    const char* const begin = passage.rest.data();
    if (!Take(passage, way.cursor.Next(&passage.rest), begin)) return;
  }
  Flush(passage, bytes.data() + bytes.size());
}

// What Next has passed over begins at `begin`.
inline bool WebSocketTunnel::Take(Passage& passage, Step step, const char* begin) {
  const websocket::FrameCursor& cursor = passage.way.cursor;
  const bool control = IsControl(cursor.opcode());
  switch (step) {
    case Step::kWhole:
      if (control) return EndControl(passage, begin);
      return BeginData(passage, begin) && EndData(passage);
    case Step::kEnd:
      return control ? EndControl(passage, begin) : EndData(passage);
    case Step::kBegin:
      if (!control) return BeginData(passage, begin);
      Hold(passage, begin);
      return true;
    case Step::kMore:
      if (control || !cursor.in_payload()) Hold(passage, begin);
      return true;
    case Step::kNonsense:
      NotAWebSocket(passage, begin);
      return false;
  }
  return false;
}

inline bool WebSocketTunnel::BeginData(Passage& passage, const char* begin) {
  Way& way = passage.way;
  if (Limits(passage.from)) {
    if (const auto excess = Excess(way, passage.now)) {
      Hold(passage, begin);
      Fail(*excess);
      return LeaveToMode(passage);
    }
  }
  if (way.held) Write(PeerOf(passage.from), way.TakeHeld());
  return true;
}

inline bool WebSocketTunnel::EndData(Passage& passage) {
  Way& way = passage.way;
  if (way.cursor.fin()) {
    ++way.messages;
    const bool text = way.cursor.message_opcode() == Opcode::kText;
    CountersOf(passage.from, text ? MessageKind::kText : MessageKind::kBinary).Add(way.cursor.message_size());
  }
  return AtBoundary(passage);
}

// Somebody may have waited for the boundary that the stream has come to.
inline bool WebSocketTunnel::AtBoundary(Passage& passage) {
  Side& to = PeerOf(passage.from);
  if (shutdown_ && shutdown_->stage == Stage::kWanted && IsClient(to)) {
    Flush(passage, passage.rest.data());
    SendClose();
    return LeaveToMode(passage);
  }
  Way& back = WayFrom(to);
  if (back.keepalive.wants_ping() && pinging_) {
    Flush(passage, passage.rest.data());
    SendPing(to, back);
  }
  return true;
}

bool WebSocketTunnel::LeaveToMode(Passage& passage) {
  if (!closed()) RelayUnparsed(passage.from, passage.way, passage.rest, passage.now);
  return false;
}

void WebSocketTunnel::Hold(Passage& passage, const char* begin) {
  Flush(passage, begin);
  std::unique_ptr<std::string>& held = passage.way.held;
  if (!held) held = std::make_unique<std::string>();
  held->append(begin, passage.rest.data());
  passage.run = passage.rest.data();
}

inline void WebSocketTunnel::Flush(Passage& passage, const char* end) {
  if (end == passage.run) return;
  NoteActivity(passage.now);
  Write(PeerOf(passage.from), {passage.run, static_cast<size_t>(end - passage.run)});
  passage.run = end;
}

void WebSocketTunnel::RelayUnparsed(Side& from, Way& way, std::string_view bytes, base::MonotonicTime now) {
  if (bytes.empty()) return;
  if (way.mode == Mode::kDrop) return instruments().websocket.dropped_bytes.Add(bytes.size());
  NoteActivity(now);
  Write(PeerOf(from), bytes);
}

bool WebSocketTunnel::EndControl(Passage& passage, const char* begin) {
  Way& way = passage.way;
  Flush(passage, begin);
  passage.run = passage.rest.data();
  const std::string frame = way.TakeHeld().append(begin, passage.rest.data());
  const std::string payload = websocket::ControlPayload(frame);
  const Opcode opcode = way.cursor.opcode();
  if (opcode == Opcode::kPong && SwallowPong(passage.from, way, payload)) return AtBoundary(passage);
  NoteActivity(passage.now);
  CountersOf(passage.from, KindOf(opcode)).Add(payload.size());
  Write(PeerOf(passage.from), frame);
  if (opcode == Opcode::kClose) return CloseRelayed(passage, payload);
  if (opcode == Opcode::kPing) WayFrom(PeerOf(passage.from)).keepalive.PingRelayed(payload);
  if (opcode == Opcode::kPong) way.keepalive.PongRelayed(payload);
  return AtBoundary(passage);
}

void WebSocketTunnel::NotAWebSocket(Passage& passage, const char* begin) {
  NoteActivity(passage.now);
  passage.rest.remove_prefix(passage.rest.size());
  Hold(passage, begin);
  if (rules_->strict || shutdown_) {
    Fail({.reason = CloseReason::kProtocolError,
          .code = websocket::kProtocolError,
          .text =
              IsClient(passage.from) ? "the client broke the protocol" : "the backend broke the protocol"});
  } else {
    BecomeTransparent();
  }
}

void WebSocketTunnel::BecomeTransparent() {
  transparent_ = true;
  pinging_ = false;
  instruments().websocket.transparent.Add(1);
  for (Side* side : {&client(), &backend()}) {
    Way& way = WayFrom(*side);
    way.StopParsing(Mode::kPass);
    if (way.held) Write(PeerOf(*side), way.TakeHeld());
  }
  SetIdle(rules_->transparent_idle);
}

std::optional<CloseOrder> WebSocketTunnel::Excess(const Way& way, base::MonotonicTime now) {
  const auto above = [](uint64_t size, uint64_t limit) { return limit > 0 && size > limit; };
  if (above(way.cursor.payload_size(), rules_->max_frame_bytes)) {
    return CloseOrder{
        .reason = CloseReason::kMessageTooBig, .code = websocket::kMessageTooBig, .text = "frame too big"};
  }
  if (above(way.cursor.message_size(), rules_->max_message_bytes)) {
    return CloseOrder{
        .reason = CloseReason::kMessageTooBig, .code = websocket::kMessageTooBig, .text = "message too big"};
  }
  if (rules_->max_messages_per_second == 0 || way.cursor.opcode() == Opcode::kContinuation) {
    return std::nullopt;
  }
  // As many as come in a second may come at once.
  constexpr std::chrono::nanoseconds kSecond = std::chrono::seconds(1);
  rate_allows_ = std::max(rate_allows_, now) + kSecond / rules_->max_messages_per_second;
  if (rate_allows_ <= now + kSecond) return std::nullopt;
  return CloseOrder{.reason = CloseReason::kTooManyMessages,
                    .code = websocket::kPolicyViolation,
                    .text = "too many messages a second"};
}

}  // namespace fairlead::tunnel
