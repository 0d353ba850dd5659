#include "pkg/proxy/upgrade_request.h"

#include <algorithm>

#include "pkg/http1/ascii.h"
#include "pkg/http1/tokens.h"
#include "pkg/websocket/handshake.h"

namespace fairlead::proxy {

bool AsksForWebSocket(const http1::RequestHead& head) {
  for (std::string_view offered : http1::Tokens(head.upgrade)) {
    if (http1::EqualsIgnoreCase(offered, kWebSocket)) return true;
  }
  return false;
}

std::string_view ChooseUpgrade(const http1::RequestHead& head, const route::Route& route) {
  for (std::string_view offered : http1::Tokens(head.upgrade)) {
    if (route.AllowsUpgrade(offered)) return offered;
  }
  return {};
}

std::optional<LocalReply> CheckUpgrade(const http1::RequestHead& head, std::string_view chosen,
                                       const route::Route& route) {
  if (chosen.empty()) return AsksForWebSocket(head) ? std::optional(kNotAllowed) : std::nullopt;
  if (!http1::EqualsIgnoreCase(chosen, kWebSocket)) return std::nullopt;
  const websocket::RequestCheck check = websocket::CheckRequest(head.method, head.fields);
  if (check != websocket::RequestCheck::kOk) return ReplyTo(check);
  const bool may_speak = route.subprotocols().empty() ||
                         !websocket::AllowedSubprotocols(head.fields, route.subprotocols()).empty();
  return may_speak ? std::nullopt : std::optional(kNoSubprotocol);
}

}  // namespace fairlead::proxy
