#include "pkg/tunnel/tunnel.h"

#include <algorithm>
#include <utility>

namespace fairlead::tunnel {
namespace {

using telemetry::CloseReason;

// How often a blocked writer is looked at, as a part of its timeout: it is found at most this part too late.
constexpr int kWriteChecks = 8;

// How often a peer that is about to be closed is looked at: whether it has all that was sent to it.
constexpr base::Duration kDeliveryChecks{50};

}  // namespace

Tunnel::Tunnel(Environment& environment, Parts parts)
    : environment_(environment),
      ticket_(std::move(parts.ticket)),
      client_(*this, std::move(parts.client)),
      backend_(*this, std::move(parts.backend)),
      lease_(std::move(parts.lease)),
      stats_(std::move(parts.stats)),
      handshake_(std::move(parts.handshake)),
      key_(parts.key),
      began_(parts.began),
      opened_(environment.clock.Now()),
      last_activity_(opened_),
      timeouts_(parts.timeouts),
      kind_(parts.kind) {}

Tunnel::~Tunnel() = default;

void Tunnel::Start(const EarlyData& early) {
  lease_.BecomeTunnel();
  stats_->TunnelOpened(kind_);
  // The kernel's own patience with a full peer must not be shorter than what the route allows.
  const bool kernel_waits =
      timeouts_.write > base::Duration(0) && timeouts_.write <= stream::Stream::kPeerTimeout;
  for (Side* side : {&client_, &backend_}) {
    side->stream->SetDelegate(&DelegateOf(*side));
    if (!kernel_waits) side->stream->SetPeerTimeout(timeouts_.write);
    if (side->stream->buffered() > 0) {  // the handshake's last bytes are still on their way
      PeerOf(*side).stream->Pause(stream::PauseReason::kPeerFull);
      WatchWrites(*side);
    }
  }
  if (!early.from_client.empty()) DelegateOf(client_).OnData(early.from_client);
  if (!early.from_backend.empty() && !closed()) DelegateOf(backend_).OnData(early.from_backend);
  if (closed()) return;
  client_.stream->Resume(stream::PauseReason::kHeld);
  backend_.stream->Resume(stream::PauseReason::kHeld);
  ArmDeadline();
  if (early.client_ended) Ended(client_);
}

void Tunnel::Relay(Side& from, std::string_view bytes) {
  Count(from, bytes.size());
  last_activity_ = environment_.clock.Now();
  Write(PeerOf(from), bytes);
}

void Tunnel::AwaitFlush(Side& side) {
  PeerOf(side).stream->Pause(stream::PauseReason::kPeerFull);
  WatchWrites(side);
}

void Tunnel::Flushed(Side& side) {
  last_activity_ = environment_.clock.Now();
  PeerOf(side).stream->Resume(stream::PauseReason::kPeerFull);
  CloseWhenDone();
}

void Tunnel::Ended(Side& side) {
  side.ended = true;
  last_activity_ = environment_.clock.Now();
  NoteEnd(&side == &client_ ? CloseReason::kClientClosed : CloseReason::kBackendClosed);
  // Where this was the second end, closing tells the peer as well as ending would, with a system call less.
  CloseWhenDone();
  if (closed()) return;
  PeerOf(side).stream->End();
  ArmDeadline();  // a half-closed tunnel has a shorter limit than the one that is armed
}

void Tunnel::CloseWhenDone() {
  if (client_.ended && backend_.ended && buffered() == 0) Close(*first_end_);
}

void Tunnel::Failed(Side& side, stream::Failure failure) {
  const bool client = &side == &client_;
  switch (failure) {
    case stream::Failure::kReset:
      PeerOf(side).stream->ResetOnClose();
      return Close(client ? CloseReason::kClientReset : CloseReason::kBackendReset);
    case stream::Failure::kTimeout:
      PeerOf(side).stream->ResetOnClose();
      return Close(client ? CloseReason::kClientTimeout : CloseReason::kBackendTimeout);
    case stream::Failure::kTruncated:
      return Abandon(side, client ? CloseReason::kClientTruncated : CloseReason::kBackendTruncated);
    case stream::Failure::kProtocol:
      PeerOf(side).stream->ResetOnClose();
      return Close(client ? CloseReason::kClientTlsError : CloseReason::kBackendTlsError);
    case stream::Failure::kOther:
      return Close(client ? CloseReason::kClientError : CloseReason::kBackendError);
  }
}

void Tunnel::Abandon(Side& side, CloseReason reason) {
  Side& peer = PeerOf(side);
  // Told the end, most TLS peers leave without a word of their own: that follows from the first end.
  if (!first_end_) peer.stream->ResetOnClose();
  NoteEnd(reason);
  if (peer.gone) return Close(*first_end_);
  side.ended = side.gone = true;
  last_activity_ = environment_.clock.Now();
  peer.stream->Pause(stream::PauseReason::kHeld);  // nobody hears it any more
  AwaitDelivery(last_activity_);
}

// Closing at once, the kernel would drop what it has not sent: always with a reset, else where it has
// something unread.
void Tunnel::AwaitDelivery(base::MonotonicTime now) {
  const Side& peer = client_.gone ? backend_ : client_;
  const base::Duration patience =
      timeouts_.half_closed > base::Duration(0) ? timeouts_.half_closed : stream::Stream::kPeerTimeout;
  const bool over = peer.stream->unacknowledged() == 0 || now >= last_activity_ + patience;
  return over ? Close(*first_end_) : ArmDeadline();
}

void Tunnel::Close(CloseReason reason) {
  if (reason_) return;
  Closing(reason);
  reason_ = reason;
  Disarm();
  client_.stream.reset();
  backend_.stream.reset();
  ticket_.reset();
  stats_->TunnelClosed(kind_, reason);
  environment_.owner.OnTunnelClosed(*this);
}

size_t Tunnel::buffered() const {
  return closed() ? 0 : client_.stream->buffered() + backend_.stream->buffered();
}

void Tunnel::WatchWrites(Side& side) {
  if (timeouts_.write <= base::Duration(0)) return;
  side.last_progress = environment_.clock.Now();
  side.waiting = side.stream->buffered();
  if (watching_writes_) return;
  watching_writes_ = true;
  environment_.deadlines.Arm(*this, *NextDeadline());
}

bool Tunnel::IsStuck(Side& side, base::MonotonicTime now) {
  const size_t waiting = side.stream->buffered();
  if (waiting != side.waiting) {
    side.waiting = waiting;
    side.last_progress = last_activity_ = now;
  }
  return waiting > 0 && now >= side.last_progress + timeouts_.write;
}

void Tunnel::OnDeadline(base::MonotonicTime now) {
  if (client_.gone || backend_.gone) return AwaitDelivery(now);
  if (watching_writes_) {
    if (IsStuck(client_, now) || IsStuck(backend_, now)) return TimedOut(CloseReason::kWriteTimeout);
    watching_writes_ = buffered() > 0;
  }
  if (timeouts_.max_lifetime > base::Duration(0) && now >= opened_ + timeouts_.max_lifetime) {
    return TimedOut(CloseReason::kMaxLifetime);
  }
  if (const base::Duration idle = IdleLimit(); idle > base::Duration(0) && now >= last_activity_ + idle) {
    return TimedOut(HalfClosedRules() ? CloseReason::kHalfClosedTimeout : CloseReason::kIdleTimeout);
  }
  ArmDeadline();
}

void Tunnel::ArmDeadline() {
  if (const auto deadline = NextDeadline()) environment_.deadlines.Arm(*this, *deadline);
}

void Tunnel::SetIdle(base::Duration idle) {
  timeouts_.idle = idle;
  ArmDeadline();
}

bool Tunnel::HalfClosedRules() const {
  return first_end_ && timeouts_.half_closed > base::Duration(0) &&
         (timeouts_.idle <= base::Duration(0) || timeouts_.half_closed < timeouts_.idle);
}

base::Duration Tunnel::IdleLimit() const {
  return HalfClosedRules() ? timeouts_.half_closed : timeouts_.idle;
}

std::optional<base::MonotonicTime> Tunnel::NextDeadline() const {
  std::optional<base::MonotonicTime> next;
  const auto consider = [&next](base::MonotonicTime deadline) {
    next = next ? std::min(*next, deadline) : deadline;
  };
  if (timeouts_.max_lifetime > base::Duration(0)) consider(opened_ + timeouts_.max_lifetime);
  if (const base::Duration idle = IdleLimit(); idle > base::Duration(0)) consider(last_activity_ + idle);
  if (watching_writes_) consider(environment_.clock.Now() + timeouts_.write / kWriteChecks);
  if (client_.gone || backend_.gone) consider(environment_.clock.Now() + kDeliveryChecks);
  return next;
}

}  // namespace fairlead::tunnel
