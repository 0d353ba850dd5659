#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fairlead::telemetry {

// Why the proxy itself said no, or could not get a yes: `reason` in the access log and, unless the head could
// not even be read, of fairlead_upgrades_rejected_total. An ordinary answer of the backend to an upgrade is
// relayed and is no rejection: fairlead_upgrades_total counts it by its status code.
enum class RejectReason : uint8_t {
  kBadRequest,     // 400: malformed head or handshake, an upgrade with a body
  kTimeout,        // 408: the head, or a body, did not arrive in time
  kTooLarge,       // 414, 431
  kUnsupported,    // 417, 426, 501, 505: well-formed, but nothing we do
  kNoRoute,        // 404
  kNotAllowed,     // 403: the route does not allow this upgrade token
  kOriginDenied,   // 403: the route does not serve pages of this Origin
  kAddressDenied,  // 403: the route does not serve this client's address
  kMaxForwards,    // 200, 501: OPTIONS or TRACE that was to come no further than the proxy
  kRateLimited,    // 429: more upgrades a second than the listener allows the client
  kSurge,       // 503: more upgrades a second than the listener takes of all: no place in its queue, too long
                // a wait at a new rate, or more sent while waiting than is kept
  kOverloaded,  // 503: upgrades are refused, since there are too many connections or too much is buffered
  kNoEndpoint,  // 503: nothing in the cluster may be picked
  kClusterFull,        // 503: the cluster, or what is left of its endpoints, holds all that it may
  kExhausted,          // 503: no descriptor, or no memory in the kernel, for a connection to a backend
  kConnectFailed,      // 502
  kConnectTimeout,     // 504
  kBackendTls,         // 502: no TLS could be agreed on with the backend
  kBackendUnverified,  // 502: the backend's certificate is none that the cluster believes
  kResponseTimeout,    // 504
  kBackendClosed,      // 502: the backend went away before its response was complete
  kBadResponse,        // 502: a response that is no HTTP or breaks its own framing
  kBadUpgrade,         // 502: a 101 nobody asked for, with another token or a wrong Sec-WebSocket-Accept
  kClientGone,         // the client left before it had its answer
  kDraining,           // 503, or cut off when the drain's time was over or the process ended
};

inline constexpr size_t kRejectReasonCount = static_cast<size_t>(RejectReason::kDraining) + 1;

// "no_route", "connect_timeout", …
std::string_view ToString(RejectReason reason);

}  // namespace fairlead::telemetry
