#pragma once

#include <cstdint>

#include "pkg/stream/stream.h"

namespace fairlead::tls {

// Why a TLS connection is over, other than in order.
enum class Failure : uint8_t {
  kNone,
  kPeerUnverified,  // the peer's certificate is missing, not trusted, or for somebody else
  kHandshake,       // no common version or suite, or no TLS at all; the peer gave up while shaking hands
  kProtocol,        // after the handshake: what came breaks the rules, or is not genuine
  kAborted,         // after the handshake: the peer gave up with a fatal alert
  kTruncated,       // the connection ended without close_notify: something may be missing
  kTransport,       // the connection below broke
};

}  // namespace fairlead::tls
