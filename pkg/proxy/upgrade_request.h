#pragma once

#include <optional>
#include <string_view>

#include "pkg/http1/request_head.h"
#include "pkg/proxy/local_reply.h"
#include "pkg/route/route.h"

namespace fairlead::proxy {

inline constexpr std::string_view kWebSocket = "websocket";

// Whether websocket is among the protocols that the request offers to upgrade to.
bool AsksForWebSocket(const http1::RequestHead& head);

// The first protocol of its list that the route allows; empty = none.
std::string_view ChooseUpgrade(const http1::RequestHead& head, const route::Route& route);

// What to answer a request whose upgrade cannot be; nothing where it can, or where there is none. An upgrade
// that the route does not allow is ignored, as RFC 9110 §7.8 lets a server do, and the request goes on as an
// ordinary one; but a WebSocket handshake is good for nothing else, so it is told.
std::optional<LocalReply> CheckUpgrade(const http1::RequestHead& head, std::string_view chosen,
                                       const route::Route& route);

}  // namespace fairlead::proxy
