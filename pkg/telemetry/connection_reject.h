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
};

inline constexpr size_t kConnectionRejectCount = static_cast<size_t>(ConnectionReject::kProxyTimeout) + 1;

// "proxy_untrusted", …
std::string_view ToString(ConnectionReject reason);

}  // namespace fairlead::telemetry
