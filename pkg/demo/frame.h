#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::demo {

// RFC 6455 §5.2 and §7.4.1.
enum class Opcode : uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

enum class CloseCode : uint16_t {
  kProtocolError = 1002,
  kTooBig = 1009,
};

// One WebSocket frame, unmasked. The payload is a view.
struct Frame {
  bool final = true;
  Opcode opcode = Opcode::kText;
  std::string_view payload;
};

// Appends the frame as a server sends it: not masked (RFC 6455 §5.1).
void AppendFrame(const Frame& frame, std::string* out);

// Appends a Close frame with the code and no reason text.
void AppendClose(CloseCode code, std::string* out);

}  // namespace fairlead::demo
