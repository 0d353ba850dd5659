#pragma once

#include <string>
#include <string_view>

#include "pkg/demo/frame.h"

namespace fairlead::demo {

// The frame as a client sends it, masked (RFC 6455 §5.3). For tests.
inline std::string ClientFrame(const Frame& frame) {
  constexpr std::string_view kMask = "\x12\x34\x56\x78";
  std::string bytes;
  AppendFrame(frame, &bytes);
  const size_t header = bytes.size() - frame.payload.size();
  bytes[1] = static_cast<char>(bytes[1] | 0x80);
  for (size_t i = 0; i < frame.payload.size(); ++i) bytes[header + i] ^= kMask[i % kMask.size()];
  bytes.insert(header, kMask);
  return bytes;
}

}  // namespace fairlead::demo
