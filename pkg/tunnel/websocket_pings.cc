#include <algorithm>
#include <string>

#include "pkg/tunnel/websocket_tunnel.h"
#include "pkg/websocket/close_code.h"

namespace fairlead::tunnel {
namespace {

constexpr uint64_t kNumberBits = 16;
constexpr uint64_t kNumberMask = (uint64_t{1} << kNumberBits) - 1;

std::string EightBytes(uint64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift));
  return bytes;
}

}  // namespace

std::optional<base::MonotonicTime> WebSocketTunnel::NextDeadline() const {
  if (shutdown_) return shutdown_->deadline;
  std::optional<base::MonotonicTime> next = Tunnel::NextDeadline();
  if (!pinging_) return next;
  // A byte that comes arms nothing: who answers a ping is due an interval later, long before a longer
  // timeout.
  const base::MonotonicTime latest = environment().clock.Now() + rules_->ping_interval;
  const auto consider = [&](bool pinged, const Way& way) {
    if (!pinged) return;
    const base::MonotonicTime due = std::min(way.keepalive.Due(*rules_), latest);
    next = next ? std::min(*next, due) : due;
  };
  consider(rules_->ping_client, from_client_);
  consider(rules_->ping_backend, from_backend_);
  return next;
}

void WebSocketTunnel::JudgeSide(Side& side, Way& way, base::MonotonicTime now) {
  switch (way.keepalive.Judge(now, *rules_)) {
    case Keepalive::Verdict::kWait:
      return;
    case Keepalive::Verdict::kPing:
      if (WayFrom(PeerOf(side)).TakesFrames()) SendPing(side, way);
      return;
    case Keepalive::Verdict::kSilent:
      if (way.keepalive.IsDead(now, side.stream->unacknowledged())) DeclareDead(side);
  }
}

void WebSocketTunnel::SendPing(Side& side, Way& way) {
  if (ping_tag_ == 0) ping_tag_ = environment().random() & ~kNumberMask;
  way.ping = static_cast<uint16_t>((ping_tag_ + 1) & kNumberMask);
  ping_tag_ = (ping_tag_ & ~kNumberMask) | way.ping;
  const size_t ahead = side.stream->unacknowledged();
  SendControl(side, websocket::Opcode::kPing, EightBytes(ping_tag_));
  way.keepalive.Pinged(environment().clock.Now(), environment().exact.Now(), ahead);
  ArmDeadline();
}

// A pong of ours is for nobody else. A late one tells nothing about the way that the last one took.
bool WebSocketTunnel::SwallowPong(const Side& side, Way& way, std::string_view payload) {
  if (ping_tag_ == 0 || payload.size() != sizeof ping_tag_) return false;
  uint64_t said = 0;
  for (const char byte : payload) said = said << 8 | static_cast<uint8_t>(byte);
  if ((said & ~kNumberMask) != (ping_tag_ & ~kNumberMask)) return false;
  if ((said & kNumberMask) != way.ping) return true;
  const auto rtt = std::chrono::duration_cast<std::chrono::microseconds>(environment().exact.Now() -
                                                                         way.keepalive.pinged_at());
  way.ping_rtt = static_cast<uint32_t>(std::clamp<int64_t>(rtt.count(), 1, UINT32_MAX));
  telemetry::WorkerInstruments& instruments = environment().instruments;
  (IsClient(side) ? instruments.client_ping_rtt : instruments.backend_ping_rtt).Observe(rtt);
  return true;
}

void WebSocketTunnel::DeclareDead(Side& side) {
  BeginShutdown({.reason = telemetry::CloseReason::kDeadPeer,
                 .code = websocket::kGoingAway,
                 .text = IsClient(side) ? "the client answers no pings" : "the backend answers no pings"},
                Stage::kLingering, base::Duration(0));
  side.stream->ResetOnClose();  // nobody is there to take leave of
  NoteClose(websocket::kGoingAway, telemetry::Initiator::kProxy);
  side.ended = true;
  Linger();
}

}  // namespace fairlead::tunnel
