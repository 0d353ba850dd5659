#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/base/clock.h"
#include "pkg/telemetry/close_reason.h"

namespace fairlead::tunnel {

// The text of orders that are given because the process ends.
inline constexpr std::string_view kShuttingDown = "shutting down";

// How a tunnel is to be ended by somebody who decided that. Code and text are what a WebSocket's client and
// backend are told (RFC 6455 §5.5.1); other tunnels know no words, and are closed.
struct CloseOrder {
  static constexpr base::Duration kAnswerTime{5000};

  telemetry::CloseReason reason = telemetry::CloseReason::kRequested;
  uint16_t code = 1001;
  std::string text{};
  base::Duration answer_time = kAnswerTime;  // that the client has for its own Close
};

}  // namespace fairlead::tunnel
