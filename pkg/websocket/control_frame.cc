#include "pkg/websocket/control_frame.h"

#include <algorithm>

namespace fairlead::websocket {
namespace {

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kMaskBit = 0x80;
constexpr size_t kCodeBytes = 2;

bool ContinuesCharacter(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0) == 0x80;
}

void Mask(std::string_view key, size_t begin, std::string* text) {
  for (size_t i = begin; i < text->size(); ++i)
    (*text)[i] = static_cast<char>((*text)[i] ^ key[(i - begin) % 4]);
}

}  // namespace

std::string WriteControlFrame(Opcode opcode, std::string_view payload, const std::optional<MaskingKey>& key) {
  payload = payload.substr(0, FrameCursor::kMaxControlPayload);
  std::string frame;
  frame.push_back(static_cast<char>(kFin | static_cast<uint8_t>(opcode)));
  frame.push_back(static_cast<char>(payload.size() | (key ? kMaskBit : 0)));
  if (key) frame.append(key->begin(), key->end());
  const size_t begin = frame.size();
  frame.append(payload);
  if (key) Mask(std::string(key->begin(), key->end()), begin, &frame);
  return frame;
}

std::string ClosePayload(uint16_t code, std::string_view reason) {
  size_t size = std::min(reason.size(), FrameCursor::kMaxControlPayload - kCodeBytes);
  if (size < reason.size()) {
    while (size > 0 && ContinuesCharacter(reason[size])) --size;
  }
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return payload.append(reason.substr(0, size));
}

std::string ControlPayload(std::string_view frame) {
  const bool masked = (static_cast<uint8_t>(frame[1]) & kMaskBit) != 0;
  std::string payload(frame.substr(masked ? 6 : 2));
  if (masked) Mask(frame.substr(2, 4), 0, &payload);
  return payload;
}

}  // namespace fairlead::websocket
