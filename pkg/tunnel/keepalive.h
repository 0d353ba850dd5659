#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pkg/base/clock.h"
#include "pkg/websocket/rules.h"

namespace fairlead::tunnel {

// Whether one side of a WebSocket still lives: any byte from it says so; one that is silent is pinged, and
// has a while to say anything at all. Pure: it is told the time, and what passes.
//
//   kListening ──silent──► kWantsPing ──Pinged──► kProbing ──silent still──► dead
//       ▲                       └──── any byte ────────┘
//
// A Ping of the other side's own that still waits for its Pong is as good as ours, and ours must not overtake
// it: a peer may answer only the latest (RFC 6455 §5.5.3).
class Keepalive {
 public:
  enum class Verdict : uint8_t { kWait, kPing, kSilent };

  explicit Keepalive(base::MonotonicTime now) : heard_(now) {}

  // A byte came from this side.
  void Heard(base::MonotonicTime now) { heard_ = now; }

  // When Judge is next worth a call.
  base::MonotonicTime Due(const websocket::Rules& rules) const;
  // kPing: send one as soon as one can be sent. kSilent: the time to answer is over.
  Verdict Judge(base::MonotonicTime now, const websocket::Rules& rules);
  bool wants_ping() const { return state() == State::kWantsPing; }
  // Our ping went out at the loop's `now`; `unacknowledged` bytes were on their way to this side ahead of it.
  void Pinged(base::MonotonicTime now, base::MonotonicTime exact, size_t unacknowledged);
  // kSilent came, but with our ping still behind bytes that this side is taking it may know nothing of it:
  // then it has as long again. Tells whether it is dead.
  bool IsDead(base::MonotonicTime now, size_t unacknowledged);
  // Of the ping that went out last.
  base::MonotonicTime pinged_at() const { return pinged_; }

  // Pings and pongs that are not ours, as they pass.

  void PingRelayed(std::string_view payload);
  void PongRelayed(std::string_view payload);

 private:
  enum class State : uint8_t { kListening, kWantsPing, kProbing };

  // To hear something is to store a time: it costs every read. A side is asked only when it has been silent,
  // so equal times mean that it was heard behind that.
  State state() const {
    return heard_ >= asked_ ? State::kListening : probing_ ? State::kProbing : State::kWantsPing;
  }

  base::MonotonicTime heard_;
  base::MonotonicTime asked_;          // since when it has to answer, or a ping waits for its chance
  base::MonotonicTime pinged_;         // exact
  uint32_t unacknowledged_ = 0;        // in kProbing, when last looked at
  std::optional<uint32_t> foreign_{};  // what the latest relayed ping said, until its pong
  bool probing_ = false;               // and not only waiting for that chance
};

}  // namespace fairlead::tunnel
