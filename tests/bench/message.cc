#include "tests/bench/message.h"

#include <array>
#include <cstring>

namespace fairlead::bench {
namespace {

constexpr char kFinalBinary = static_cast<char>(0x82);
constexpr std::array<char, 4> kMaskKey = {0x37, 0x5a, 0x21, 0x3d};

void AppendHeader(size_t payload_bytes, bool masked, std::string& out) {
  const char mask_bit = static_cast<char>(masked ? 0x80 : 0);
  out.push_back(kFinalBinary);
  int length_bytes = 0;
  if (payload_bytes < 126) {
    out.push_back(static_cast<char>(mask_bit | static_cast<char>(payload_bytes)));
  } else if (payload_bytes <= UINT16_MAX) {
    out.push_back(static_cast<char>(mask_bit | 126));
    length_bytes = 2;
  } else {
    out.push_back(static_cast<char>(mask_bit | 127));
    length_bytes = 8;
  }
  for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(payload_bytes >> shift));
  }
  if (masked) out.append(kMaskKey.data(), kMaskKey.size());
}

}  // namespace

Message Message::FromClient(size_t payload_bytes) {
  return Message(payload_bytes, /*masked=*/true);
}
Message Message::FromServer(size_t payload_bytes) {
  return Message(payload_bytes, /*masked=*/false);
}

Message::Message(size_t payload_bytes, bool masked) : sequence_mask_(0) {
  AppendHeader(payload_bytes, masked, frame_);
  sequence_at_ = frame_.size();
  for (size_t i = 0; i < payload_bytes; ++i) {
    const char plain = static_cast<char>(i * 7 + (i >> 8));
    frame_.push_back(masked ? static_cast<char>(plain ^ kMaskKey[i % 4]) : plain);
  }
  if (masked) {
    std::memcpy(&sequence_mask_, kMaskKey.data(), 4);
    sequence_mask_ |= sequence_mask_ << 32;
  }
}

std::string_view Message::WithSequence(uint64_t sequence) {
  const uint64_t wire = sequence ^ sequence_mask_;
  std::memcpy(frame_.data() + sequence_at_, &wire, kSequenceBytes);
  return frame_;
}

void AppendServerHeader(size_t payload_bytes, std::string& out) {
  AppendHeader(payload_bytes, /*masked=*/false, out);
}

}  // namespace fairlead::bench
