#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pkg/config/config.h"
#include "pkg/http1/framing.h"
#include "pkg/http1/request_head.h"
#include "pkg/http1/response_reader.h"
#include "pkg/proxy/client_identity.h"
#include "pkg/proxy/connection_info.h"
#include "pkg/route/route.h"
#include "pkg/route/value_template.h"

namespace fairlead::proxy {

// What a message says to the next hop about the connection.
enum class ConnectionOption : uint8_t { kNone, kKeepAlive, kClose, kUpgrade };

// What a connection to a backend begins with; empty where nothing is to be sent.
std::string ProxyHeaderFor(config::SendProxyProtocol version, const ConnectionInfo& connection);

// Everything that a request head is made of again for the backend: nothing is passed on that was not parsed,
// checked and meant for it.
struct ForwardedRequest {
  const http1::RequestHead& head;
  const route::Route& route;
  const ClientIdentity& client;
  const route::Variables& variables;  // for header rules; also the source of X-Request-Id and X-Real-IP
  std::string_view upgrade;           // the protocol to ask for; empty = an ordinary request
};
std::string RequestHeadFor(const ForwardedRequest& request);

struct ForwardedResponse {
  const http1::ResponseHead& head;
  const route::Route& route;
  const route::Variables& variables;
  http1::BodyFraming body;  // as it goes on to the client
  ConnectionOption connection = ConnectionOption::kNone;
  std::span<const std::string> set_cookies = {};  // values of Set-Cookie lines that the proxy adds
};
std::string ResponseHeadFor(const ForwardedResponse& response);

}  // namespace fairlead::proxy
