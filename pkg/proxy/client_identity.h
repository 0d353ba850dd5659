#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "pkg/base/address.h"
#include "pkg/http1/request_head.h"

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
};

// `peer` is who is connected, `local` the listener's address. Where the peer is trusted, the client is the
// last address in X-Forwarded-For that is not itself a trusted proxy's.
ClientIdentity Identify(const http1::RequestHead& head, const base::SocketAddress& peer,
                        const base::SocketAddress& local, absl::Span<const base::Cidr> trusted);

}  // namespace fairlead::proxy
