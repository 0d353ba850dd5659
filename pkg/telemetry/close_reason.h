#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fairlead::telemetry {

// Why a tunnel ended: one word, the same in the access log and in fairlead_tunnels_closed_total. The first
// cause wins; what follows from it (the other side is closed too) does not change the reason.
enum class CloseReason : uint8_t {
  kClientClosed,       // the client ended first, and everything was delivered
  kBackendClosed,      // the backend ended first, and everything was delivered
  kClientReset,        // RST from the client
  kBackendReset,       // RST from the backend
  kClientTimeout,      // TCP gave the client up: keepalive or TCP_USER_TIMEOUT
  kBackendTimeout,     // TCP gave the backend up
  kClientError,        // any other failure of the client's connection
  kBackendError,       // any other failure of the backend's connection
  kClientTruncated,    // the client's TLS connection ended without close_notify
  kBackendTruncated,   // likewise the backend's
  kClientTlsError,     // the client broke the TLS protocol, or gave up with an alert
  kBackendTlsError,    // likewise the backend
  kIdleTimeout,        // no byte in either direction for the route's `idle`
  kWriteTimeout,       // a peer took none of the bytes waiting for it during the route's `write`
  kHalfClosedTimeout,  // one side ended, the other did not within the route's `half_closed`
  kMaxLifetime,        // older than the route's `max_lifetime`
  kDeadPeer,           // a side answered no ping in time, and sent nothing else
  kProtocolError,      // what came was no WebSocket, on a route that is strict about it
  kMessageTooBig,      // the client sent a larger frame or message than its route takes
  kTooManyMessages,    // the client sent more messages a second than its route takes
  kRequested,          // an operator asked for it: CloseTunnels
  kEndpointDrained,    // its endpoint leaves: closed at its turn
  kRouteRemoved,       // its route was removed, with `on_removed: DRAIN`: likewise
  kMisplaced,          // its key belongs to another endpoint now: likewise
  kRebalanced,         // its endpoint held more than its part: likewise
  kDrained,            // the process shuts down: closed at its turn inside the drain window
  kDrainExpired,       // it was told to go for one of these causes, and was still open when the time was over
  kShutdown,           // the process ended at once, without a drain
};

inline constexpr size_t kCloseReasonCount = static_cast<size_t>(CloseReason::kShutdown) + 1;

// "client_closed", "idle_timeout", …
std::string_view ToString(CloseReason reason);

}  // namespace fairlead::telemetry
