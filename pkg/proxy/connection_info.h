#pragma once

#include <optional>

#include "pkg/base/address.h"
#include "pkg/proxy_protocol/header.h"

namespace fairlead::proxy {

// Both ends of a client's connection, as its PROXY header says where that is believed, else as the socket
// does.
struct ConnectionInfo {
  base::SocketAddress peer;
  base::SocketAddress local;
  // Nothing where there was none, or a LOCAL one: what a balancer asks for itself.
  std::optional<proxy_protocol::Header> proxied = {};

  // Whether the client's side is encrypted.
  bool secure() const { return proxied && proxied->tls; }
};

}  // namespace fairlead::proxy
