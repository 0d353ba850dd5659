#pragma once

#include <optional>
#include <string>

#include "pkg/tls/peer_identity.h"

namespace fairlead::tls {

// What a handshake agreed on.
struct HandshakeInfo {
  std::string version;      // "TLSv1.3"
  std::string cipher;       // "TLS_AES_128_GCM_SHA256"
  std::string server_name;  // asked for by the client, or ""
  std::string alpn;         // the protocol chosen, or ""
  bool resumed = false;
  std::optional<PeerIdentity> peer;  // verified; of a client only where it was asked and had one
};

}  // namespace fairlead::tls
