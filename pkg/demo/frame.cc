#include "pkg/demo/frame.h"

#include <limits>

namespace fairlead::demo {
namespace {

constexpr unsigned kFinalBit = 0x80;
constexpr unsigned kTwoByteLength = 126;
constexpr unsigned kEightByteLength = 127;

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

}  // namespace

void AppendFrame(const Frame& frame, std::string* out) {
  const size_t size = frame.payload.size();
  out->push_back(static_cast<char>((frame.final ? kFinalBit : 0) | static_cast<unsigned>(frame.opcode)));
  if (size < kTwoByteLength) {
    out->push_back(static_cast<char>(size));
  } else if (size <= std::numeric_limits<uint16_t>::max()) {
    out->push_back(static_cast<char>(kTwoByteLength));
    AppendBigEndian(size, 2, out);
  } else {
    out->push_back(static_cast<char>(kEightByteLength));
    AppendBigEndian(size, 8, out);
  }
  out->append(frame.payload);
}

void AppendClose(CloseCode code, std::string* out) {
  std::string payload;
  AppendBigEndian(static_cast<uint16_t>(code), 2, &payload);
  AppendFrame({.final = true, .opcode = Opcode::kClose, .payload = payload}, out);
}

}  // namespace fairlead::demo
