#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/websocket/frame_cursor.h"

namespace fairlead::websocket {

// A masking key as it stands on the wire (RFC 6455 §5.3).
using MaskingKey = std::array<uint8_t, 4>;

// A control frame as a server sends it or, with a key, as a client does. A payload longer than 125 bytes is
// cut.
std::string WriteControlFrame(Opcode opcode, std::string_view payload, const std::optional<MaskingKey>& key);

// The payload of a Close (RFC 6455 §5.5.1): the code, and a reason in UTF-8, of which at most 123 bytes, and
// no part of a character, are kept.
std::string ClosePayload(uint16_t code, std::string_view reason);

// The payload, unmasked, of a complete control frame that a FrameCursor passed over.
std::string ControlPayload(std::string_view frame);

}  // namespace fairlead::websocket
