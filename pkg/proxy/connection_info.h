#pragma once

#include <memory>
#include <optional>

#include "pkg/base/address.h"
#include "pkg/proxy_protocol/header.h"
#include "pkg/tls/handshake_info.h"

namespace fairlead::proxy {

// Both ends of a client's connection, as its PROXY header says where that is believed, else as the socket
// does.
struct ConnectionInfo {
  base::SocketAddress peer;
  base::SocketAddress local;
  // Nothing where there was none, or a LOCAL one: what a balancer asks for itself.
  std::optional<proxy_protocol::Header> proxied = {};
  // Of the TLS that ends here; null = none.
  std::unique_ptr<const tls::HandshakeInfo> tls = {};

  // Whether the client's side is encrypted.
  bool secure() const { return tls != nullptr || (proxied && proxied->tls); }
  // Null where it has shown no certificate here.
  const tls::PeerIdentity* certificate() const { return tls && tls->peer ? &*tls->peer : nullptr; }
};

}  // namespace fairlead::proxy
