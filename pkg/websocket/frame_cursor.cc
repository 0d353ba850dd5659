#include "pkg/websocket/frame_cursor.h"

#include <algorithm>

namespace fairlead::websocket {
namespace {

constexpr uint8_t kRsv2And3 = 0x30;
constexpr size_t kMaskBytes = 4;

}  // namespace

FrameCursor::Step FrameCursor::NextOfAny(std::string_view* in) {
  const bool goes_on = phase_ == Phase::kPayload;
  while (phase_ != Phase::kPayload) {
    if (in->empty()) return Step::kMore;
    if (!TakeHeader(in)) return Step::kNonsense;
  }
  const uint64_t taken = std::min<uint64_t>(left_, in->size());
  in->remove_prefix(taken);
  left_ -= taken;
  if (left_ > 0) return goes_on ? Step::kMore : Step::kBegin;
  FrameComplete();
  return goes_on ? Step::kEnd : Step::kWhole;
}

// The next part of a header, or what there is of it.
bool FrameCursor::TakeHeader(std::string_view* in) {
  if (phase_ == Phase::kMask) {
    const uint64_t taken = std::min<uint64_t>(left_, in->size());
    in->remove_prefix(taken);
    left_ -= taken;
    if (left_ == 0) HeaderComplete();
    return true;
  }
  const auto byte = static_cast<uint8_t>(in->front());
  in->remove_prefix(1);
  switch (phase_) {
    case Phase::kSecond:
      return TakeSecond(byte);
    case Phase::kLength:
      frame_size_ = frame_size_ << 8 | byte;
      return --left_ > 0 || TakeLength();
    default:
      return TakeFirst(byte);
  }
}

bool FrameCursor::TakeFirst(uint8_t byte) {
  if ((byte & kRsv2And3) != 0) return false;
  first_ = byte;
  phase_ = Phase::kSecond;
  switch (opcode()) {
    case Opcode::kContinuation:
      return in_message_;
    case Opcode::kText:
    case Opcode::kBinary:
      return !in_message_;
    case Opcode::kClose:
    case Opcode::kPing:
    case Opcode::kPong:
      return fin();
  }
  return false;
}

bool FrameCursor::TakeSecond(uint8_t byte) {
  short_size_ = byte ^ mask_bit_;
  if (short_size_ > k64Bits) return false;  // the mask bit is wrong
  if (IsControl(opcode()) && short_size_ > kMaxControlPayload) return false;
  frame_size_ = 0;
  if (short_size_ < k16Bits) {
    frame_size_ = short_size_;
    return TakeLength();
  }
  left_ = short_size_ == k16Bits ? 2 : 8;
  phase_ = Phase::kLength;
  return true;
}

bool FrameCursor::TakeLength() {
  const bool shortest = short_size_ == k16Bits   ? frame_size_ >= k16Bits
                        : short_size_ == k64Bits ? frame_size_ > UINT16_MAX && frame_size_ <= INT64_MAX
                                                 : true;
  if (!shortest) return false;
  if (masked()) {
    left_ = kMaskBytes;
    phase_ = Phase::kMask;
  } else {
    HeaderComplete();
  }
  return true;
}

void FrameCursor::HeaderComplete() {
  phase_ = Phase::kPayload;
  left_ = frame_size_;
  if (IsControl(opcode())) return;
  if (opcode() != Opcode::kContinuation) {
    message_ = opcode();
    message_size_ = 0;
  }
  message_size_ += frame_size_;  // cannot wrap: more than 2^63 bytes never come
  in_message_ = !fin();
}

void FrameCursor::FrameComplete() {
  phase_ = in_message_ ? Phase::kFragment : Phase::kMessage;
}

}  // namespace fairlead::websocket
