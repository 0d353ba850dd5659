#pragma once

#include <string>
#include <string_view>

#include "pkg/http1/error.h"
#include "pkg/telemetry/reject_reason.h"
#include "pkg/upstream/dial.h"
#include "pkg/websocket/handshake.h"

namespace fairlead::proxy {

// An answer that the proxy gives itself: never empty-handed, always with the reason in words.
struct LocalReply {
  int status;
  telemetry::RejectReason reason;
  std::string_view text;  // one sentence, without the newline
};

inline constexpr LocalReply kNoRoute{404, telemetry::RejectReason::kNoRoute,
                                     "No route matches this host and path."};
inline constexpr LocalReply kNotAllowed{403, telemetry::RejectReason::kNotAllowed,
                                        "This route does not allow WebSocket."};
inline constexpr LocalReply kNoSubprotocol{403, telemetry::RejectReason::kNotAllowed,
                                           "This route allows none of the subprotocols offered."};
inline constexpr LocalReply kOriginDenied{403, telemetry::RejectReason::kOriginDenied,
                                          "This route does not serve pages of this origin."};
inline constexpr LocalReply kAddressDenied{403, telemetry::RejectReason::kAddressDenied,
                                           "This route does not serve this address."};
inline constexpr LocalReply kTooManyUpgrades{429, telemetry::RejectReason::kRateLimited,
                                             "Too many upgrades a second; try again later."};
inline constexpr LocalReply kSurge{503, telemetry::RejectReason::kSurge,
                                   "More clients come at once than can be served; try again later."};
inline constexpr LocalReply kOverloaded{503, telemetry::RejectReason::kOverloaded,
                                        "This proxy has too much to do; try again later."};
inline constexpr LocalReply kDraining{503, telemetry::RejectReason::kDraining,
                                      "This proxy is shutting down; try again elsewhere."};
inline constexpr LocalReply kSlowHead{408, telemetry::RejectReason::kTimeout,
                                      "The request head did not arrive in time."};
inline constexpr LocalReply kSlowBody{408, telemetry::RejectReason::kTimeout,
                                      "The request body did not arrive in time."};
inline constexpr LocalReply kResponseTimeout{504, telemetry::RejectReason::kResponseTimeout,
                                             "The backend did not answer in time."};

// The answer to a request that the codec refused, to a WebSocket handshake that is none (`check` is not kOk),
// to a request for which no backend was to be had, and to one whose backend failed it (kBadUpgrade,
// kBadResponse or kBackendClosed).
LocalReply ReplyTo(http1::Error error);
LocalReply ReplyTo(websocket::RequestCheck check);
LocalReply ReplyTo(upstream::DialFailure failure);
LocalReply ReplyTo(telemetry::RejectReason backend_failure);

// The bytes of it. `retry_after` seconds go into Retry-After where not 0; HEAD gets no body.
std::string Render(const LocalReply& reply, std::string_view request_id, bool head_only, bool close,
                   int retry_after);

// The bytes of a redirect.
std::string RenderRedirect(int status, std::string_view location, std::string_view request_id, bool close);

}  // namespace fairlead::proxy
