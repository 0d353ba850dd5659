#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "pkg/admission/ticket.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/endpoint/lease.h"
#include "pkg/endpoint/placed_key.h"
#include "pkg/stream/stream.h"
#include "pkg/telemetry/close_reason.h"
#include "pkg/telemetry/packed_handshake.h"
#include "pkg/telemetry/route_stats.h"
#include "pkg/telemetry/worker_instruments.h"
#include "pkg/tunnel/close_order.h"
#include "pkg/tunnel/conversation.h"

namespace fairlead::tunnel {

class Tunnel;

// Who keeps tunnels.
class Owner {
 public:
  // Called once for each tunnel, when it has closed: reason and byte counts are final, both connections are
  // gone. The owner takes it off its list and buries it; it must not destroy it inside the call.
  virtual void OnTunnelClosed(Tunnel& tunnel) = 0;

 protected:
  ~Owner() = default;
};

// What all tunnels of a worker share; outlives them.
struct Environment {
  const base::Clock& clock;  // the loop's cached time
  const base::Clock& exact;  // for round trips
  base::DeadlineWheel& deadlines;
  base::Random& random;
  telemetry::WorkerInstruments& instruments;
  Owner& owner;
};

// The limits that a tunnel opened with; no later configuration changes them. Zero = off.
struct Timeouts {
  base::Duration idle{0};          // no byte in either direction
  base::Duration half_closed{0};   // likewise, once one side has ended
  base::Duration write{0};         // a peer took none of the bytes that wait for it
  base::Duration max_lifetime{0};  // since it opened; jitter included already
};

// What a handshake leaves behind: everything a tunnel is made of. It refers to no snapshot.
struct Parts {
  std::unique_ptr<stream::Stream> client;
  std::unique_ptr<stream::Stream> backend;
  admission::Ticket ticket;  // the client connection's
  endpoint::Lease lease;
  telemetry::RouteStatsRef stats;  // carries the names of listener, route and cluster
  telemetry::UpgradeKind kind = telemetry::UpgradeKind::kWebSocket;
  telemetry::PackedHandshake handshake;
  base::MonotonicTime began;  // first byte of the request head
  Timeouts timeouts;
  std::optional<endpoint::PlacedKey> key{};  // nothing = it has none
};

// What was read during the handshake and belongs to the tunnel.
struct EarlyData {
  std::string_view from_client = {};
  std::string_view from_backend = {};
  bool client_ended = false;  // the client has half-closed already
};

// An upgraded connection: bytes move both ways until both sides have ended, one breaks, or a timeout strikes.
//
//   client ──OnData──► Write ──► backend
//   client ◄── Write ◄──OnData── backend
// What a side cannot take at once waits in its stream, one read and no more: the other is not read meanwhile.
//
// A half-close crosses to the other side behind the last byte. A reset crosses as a reset; so does a
// truncation, once the other side's kernel has all that came before. One thread.
//
// This is the tunnel of any protocol; WebSocketTunnel adds what can be done for one that it understands.
class Tunnel : public base::DeadlineWheel::Entry {
 public:
  Tunnel(Environment& environment, Parts parts);
  virtual ~Tunnel();

  // Takes the streams over and begins. Call once; it may close, and tell the owner, before it returns.
  void Start(const EarlyData& early);

  // Ends the tunnel in the way of its protocol, with the order's reason, as soon as that can be. The first
  // order stays; idempotent. A protocol that is not understood has no way but Close.
  virtual void Shut(const CloseOrder& order) { Close(order.reason); }
  // Ends the tunnel now, but not without a word where the protocol has one.
  virtual void Cut(const CloseOrder& order) { Close(order.reason); }
  // Ends the tunnel now, both connections in order (unsent bytes are lost). The first reason stays;
  // idempotent.
  void Close(telemetry::CloseReason reason);

  bool closed() const { return reason_.has_value(); }
  telemetry::CloseReason reason() const { return *reason_; }  // once closed
  uint64_t bytes_from_client() const { return client_.bytes; }
  uint64_t bytes_from_backend() const { return backend_.bytes; }
  // What was said, of a protocol that is understood.
  virtual std::optional<Conversation> conversation() const { return std::nullopt; }
  base::MonotonicTime began() const { return began_; }
  base::MonotonicTime last_activity() const { return last_activity_; }
  const telemetry::RouteStats& stats() const { return *stats_; }
  const endpoint::Endpoint& endpoint() const { return lease_.endpoint(); }
  const std::optional<endpoint::PlacedKey>& key() const { return key_; }
  telemetry::Handshake handshake() const { return handshake_.Unpack(); }
  // What waits in both streams now.
  size_t buffered() const;

  // Its place in the owner's list of tunnels; the owner's to use.
  size_t index = 0;

 protected:
  // One of the two connections, and what came from it.
  class Side final : public stream::Delegate {
   public:
    Side(Tunnel& tunnel, std::unique_ptr<stream::Stream> stream)
        : stream(std::move(stream)), tunnel_(tunnel) {}

    void OnData(std::string_view bytes) override { tunnel_.Relay(*this, bytes); }
    void OnEnd() override { tunnel_.Ended(*this); }
    void OnFlushed() override { tunnel_.Flushed(*this); }
    void OnError(stream::Failure failure) override { tunnel_.Failed(*this, failure); }

    std::unique_ptr<stream::Stream> stream;
    uint64_t bytes = 0;
    // While bytes wait to be written to it: how many when last looked at, and since when no fewer.
    size_t waiting = 0;
    base::MonotonicTime last_progress;
    bool ended = false;  // it sends no more
    bool gone = false;   // nor does it listen: the other gets what came from it, and then the tunnel closes

   private:
    Tunnel& tunnel_;
  };

  // Who hears that side's connection from Start on; hands on to the side what is none of its business. Lives
  // as long as the side.
  virtual stream::Delegate& DelegateOf(Side& side) { return side; }
  virtual void Ended(Side& side);
  virtual void Failed(Side& side, stream::Failure failure);
  // A timeout has come: it ends.
  virtual void TimedOut(telemetry::CloseReason reason) { Close(reason); }
  // Called once, at the beginning of Close.
  virtual void Closing(telemetry::CloseReason /*reason*/) {}
  virtual std::optional<base::MonotonicTime> NextDeadline() const;
  void OnDeadline(base::MonotonicTime now) override;

  Side& client() { return client_; }
  Side& backend() { return backend_; }
  Side& PeerOf(const Side& side) { return &side == &client_ ? backend_ : client_; }
  void Count(Side& from, size_t bytes) {
    from.bytes += bytes;
    (&from == &client_ ? stats_->bytes_received : stats_->bytes_sent).Add(bytes);
  }
  void NoteActivity(base::MonotonicTime now) { last_activity_ = now; }
  // While it does not take all, its peer is not read.
  void Write(Side& to, std::string_view bytes) {
    if (to.stream->Write(bytes) == stream::WriteResult::kBuffered) AwaitFlush(to);
  }
  // Closes once both sides have ended and everything is written.
  void CloseWhenDone();
  void ArmDeadline();
  // From now on this rules.
  void SetIdle(base::Duration idle);
  // What it will have been closed for, if both sides now end; the first stays.
  void NoteEnd(telemetry::CloseReason reason) {
    if (!first_end_) first_end_ = reason;
  }

  Environment& environment() const { return environment_; }
  telemetry::RouteInstruments& instruments() { return *stats_; }

 private:
  // What came from one side: counted, and written to the other.
  void Relay(Side& from, std::string_view bytes);
  // It has gone without a word; what came from it whole still has to arrive.
  void Abandon(Side& side, telemetry::CloseReason reason);
  void AwaitDelivery(base::MonotonicTime now);
  void AwaitFlush(Side& side);
  void Flushed(Side& side);
  void WatchWrites(Side& side);
  bool IsStuck(Side& side, base::MonotonicTime now);
  // How long it may stay silent now: `idle`, or `half_closed` once that applies and is the shorter one.
  base::Duration IdleLimit() const;
  bool HalfClosedRules() const;

  Environment& environment_;
  std::optional<admission::Ticket> ticket_;  // until closed
  Side client_;
  Side backend_;
  endpoint::Lease lease_;
  telemetry::RouteStatsRef stats_;
  telemetry::PackedHandshake handshake_;
  const std::optional<endpoint::PlacedKey> key_;
  const base::MonotonicTime began_;
  const base::MonotonicTime opened_;
  base::MonotonicTime last_activity_;
  Timeouts timeouts_;
  const telemetry::UpgradeKind kind_;
  bool watching_writes_ = false;
  std::optional<telemetry::CloseReason> first_end_;  // whose end came first
  std::optional<telemetry::CloseReason> reason_;
};

}  // namespace fairlead::tunnel
