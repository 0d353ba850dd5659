#pragma once

#include <cstdint>

#include "pkg/base/clock.h"

namespace fairlead::websocket {

// How the WebSockets of a route are treated once they are open. Zero = off.
struct Rules {
  base::Duration ping_interval{0};  // how long a side may be silent before it is asked
  base::Duration ping_timeout{0};   // how long after that it may stay silent
  bool ping_client = false;
  bool ping_backend = false;
  // What the tunnel's `idle` becomes when it cannot be pinged any more.
  base::Duration transparent_idle{0};
  // What clients may send.
  uint64_t max_frame_bytes = 0;
  uint64_t max_message_bytes = 0;
  uint32_t max_messages_per_second = 0;
  bool strict = false;  // what is no WebSocket closes the tunnel, instead of passing as it is

  bool operator==(const Rules&) const = default;

  bool limits_clients() const {
    return max_frame_bytes > 0 || max_message_bytes > 0 || max_messages_per_second > 0;
  }
};

}  // namespace fairlead::websocket
