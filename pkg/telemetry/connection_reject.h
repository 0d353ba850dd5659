#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fairlead::telemetry {

// Why a connection was closed before it could ask anything: the `reason` of
// fairlead_connections_rejected_total.
enum class ConnectionReject : uint8_t {
  kProxyUntrusted,  // the listener wants a PROXY header, and the peer is none of its trusted proxies
  kProxyHeader,     // it is missing, or is none
  kProxyTimeout,    // it did not arrive within the handshake timeout
  kTlsHandshake,    // no TLS could be agreed on: no common version, suite or protocol, or no TLS at all
  kTlsUnverified,   // the client's certificate is missing, or is none that the listener believes
  kTlsTimeout,      // the TLS handshake did not end within the handshake timeout
  kTlsNoKey,        // the listener waits for its private key
  kClientLimit,     // its client has as many connections as the listener allows
};

inline constexpr size_t kConnectionRejectCount = static_cast<size_t>(ConnectionReject::kClientLimit) + 1;

// "proxy_untrusted", …
std::string_view ToString(ConnectionReject reason);

}  // namespace fairlead::telemetry
