#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::websocket {

// Status codes of a Close (RFC 6455 §7.4.1 and IANA's registry) that Fairlead itself sends or tells apart.
inline constexpr uint16_t kGoingAway = 1001;
inline constexpr uint16_t kProtocolError = 1002;
inline constexpr uint16_t kNoStatus = 1005;  // never sent: a Close without a code
inline constexpr uint16_t kAbnormal = 1006;  // never sent: an end without a Close
inline constexpr uint16_t kPolicyViolation = 1008;
inline constexpr uint16_t kMessageTooBig = 1009;
inline constexpr uint16_t kServiceRestart = 1012;

// Whether an endpoint may send it.
constexpr bool MaySend(uint16_t code) {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code != 1004 && code != kNoStatus && code != kAbnormal;
}

// What the payload of a Close says; kNoStatus where it is empty, nothing where it is half a code.
constexpr std::optional<uint16_t> CloseCodeOf(std::string_view payload) {
  if (payload.empty()) return kNoStatus;
  if (payload.size() == 1) return std::nullopt;
  return static_cast<uint16_t>(static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]));
}

}  // namespace fairlead::websocket
