#pragma once

#include <chrono>
#include <cstdint>

#include "pkg/telemetry/websocket_stats.h"

namespace fairlead::tunnel {

// What was said on a WebSocket.
struct Conversation {
  uint64_t messages_from_client = 0;
  uint64_t messages_from_backend = 0;
  uint16_t close_code = 0;  // of the first Close; 1006 once it ended without one, 0 before
  telemetry::Initiator close_initiator = telemetry::Initiator::kProxy;  // who sent that Close, or ended it
  // Of the last ping of ours that was answered; zero = none was.
  std::chrono::microseconds client_ping_rtt{0};
  std::chrono::microseconds backend_ping_rtt{0};

  bool operator==(const Conversation&) const = default;
};

}  // namespace fairlead::tunnel
