#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pkg/http1/fields.h"

namespace fairlead::websocket {

// The only version there is (RFC 6455 §4.1). A 426 names it in Sec-WebSocket-Version.
inline constexpr std::string_view kVersion = "13";

enum class RequestCheck : uint8_t {
  kOk,
  kBadMethod,      // not GET
  kBadVersion,     // Sec-WebSocket-Version absent, repeated or another
  kMissingKey,     // no Sec-WebSocket-Key
  kBadKey,         // repeated, or not 16 bytes in base64
  kBadConnection,  // Connection names a field of the handshake: the next hop would not get it
};

// Judges an upgrade request whose Upgrade names websocket (RFC 6455 §4.2.1). Host and what else Connection
// says are http1's to check.
RequestCheck CheckRequest(std::string_view method, const http1::Fields& fields);

// The status that answers a refused request: 426 for kBadVersion, else 400.
int StatusOf(RequestCheck check);

// What is left of the subprotocols that a request offers (RFC 6455 §11.3.4), in its order, when only these
// are allowed: a value for Sec-WebSocket-Protocol, or empty.
std::string AllowedSubprotocols(const http1::Fields& fields, std::span<const std::string> allowed);

// A word for logs and metric labels: "bad_key".
std::string_view ToString(RequestCheck check);

// The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455 §4.2.2 step 5.4): base64, always 28
// characters.
std::array<char, 28> ComputeAccept(std::string_view key);

// Whether a 101 carries exactly one Sec-WebSocket-Accept and it answers the key (RFC 6455 §4.1).
bool CheckAccept(std::string_view key, const http1::Fields& response);

}  // namespace fairlead::websocket
