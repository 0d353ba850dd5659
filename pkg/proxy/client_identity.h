#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "pkg/base/address.h"
#include "pkg/http1/request_head.h"
#include "pkg/proxy/connection_info.h"

namespace fairlead::proxy {

// Who asks, as far as it may be believed. X-Forwarded-* and X-Request-Id count only when the connection comes
// from one of the listener's trusted proxies; anybody else's are replaced.
struct ClientIdentity {
  std::optional<base::IpAddress> ip;  // the client itself; nothing on a unix socket
  bool believed = false;              // the connection comes from a trusted proxy
  std::string forwarded_for;          // X-Forwarded-For for the next hop
  std::string proto;
  std::string host;
  std::string port;
  std::string certificate = {};  // its own, for X-Forwarded-Client-Cert; empty = it has shown none here
};

// Where the connection's peer is trusted, the client is the last address in X-Forwarded-For that is not
// itself a trusted proxy's.
ClientIdentity Identify(const http1::RequestHead& head, const ConnectionInfo& connection,
                        absl::Span<const base::Cidr> trusted);

// Whether a PROXY header of that peer is believed. On a unix socket it is: its permissions say who may
// connect.
bool IsTrusted(const base::SocketAddress& peer, absl::Span<const base::Cidr> trusted);

}  // namespace fairlead::proxy
