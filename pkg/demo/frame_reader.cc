#include "pkg/demo/frame_reader.h"

#include <algorithm>

namespace fairlead::demo {
namespace {

constexpr unsigned kFinalBit = 0x80;
constexpr unsigned kReservedBits = 0x70;
constexpr unsigned kOpcodeBits = 0x0f;
constexpr unsigned kMaskBit = 0x80;
constexpr unsigned kLengthBits = 0x7f;
constexpr unsigned kTwoByteLength = 126;
constexpr unsigned kEightByteLength = 127;
constexpr size_t kMaxControlBytes = 125;
// A buffer that one long frame made larger than this is not kept for the next.
constexpr size_t kKeptBytes = 4096;

bool IsControl(Opcode opcode) {
  return static_cast<unsigned>(opcode) >= 0x8;
}

bool IsKnown(Opcode opcode) {
  switch (opcode) {
    case Opcode::kContinuation:
    case Opcode::kText:
    case Opcode::kBinary:
    case Opcode::kClose:
    case Opcode::kPing:
    case Opcode::kPong:
      return true;
  }
  return false;
}

// What an endpoint may send in a Close frame (RFC 6455 §7.4 and the registry it opens).
bool MayBeSent(unsigned code) {
  if (code >= 3000) return code < 5000;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

}  // namespace

FrameReader::Event FrameReader::Next(std::string_view* in) {
  if (state_ == State::kDone) Reset();
  if (error_) return Event::kError;
  if (state_ == State::kHeader) {
    if (!ReadHeader(in)) return error_ ? Event::kError : Event::kNeedMore;
    state_ = State::kPayload;
  }
  ReadPayload(in);
  if (payload_.size() < payload_size_) return Event::kNeedMore;
  frame_.payload = payload_;
  if (frame_.opcode == Opcode::kClose && !CheckClose()) return Event::kError;
  if (!IsControl(frame_.opcode)) in_message_ = !frame_.final;
  state_ = State::kDone;
  return Event::kFrame;
}

void FrameReader::Reset() {
  state_ = State::kHeader;
  header_size_ = 0;
  frame_ = Frame{};
  payload_.clear();
  if (payload_.capacity() > kKeptBytes) payload_.shrink_to_fit();
}

// Whether the first `size` bytes of the header are there.
bool FrameReader::FillHeader(std::string_view* in, size_t size) {
  const size_t taken = std::min(size - std::min(size, header_size_), in->size());
  std::copy_n(in->begin(), taken, header_.begin() + header_size_);
  in->remove_prefix(taken);
  header_size_ += taken;
  return header_size_ >= size;
}

bool FrameReader::ReadHeader(std::string_view* in) {
  if (!FillHeader(in, 2)) return false;
  frame_.final = (header_[0] & kFinalBit) != 0;
  frame_.opcode = static_cast<Opcode>(header_[0] & kOpcodeBits);
  if (!CheckStart()) return false;
  const unsigned length = header_[1] & kLengthBits;
  const size_t extra = length == kTwoByteLength ? 2 : length == kEightByteLength ? 8 : 0;
  if (!FillHeader(in, 2 + extra)) return false;
  return CheckLength(extra) && FillHeader(in, 2 + extra + kMaskBytes);
}

bool FrameReader::CheckStart() {
  const unsigned length = header_[1] & kLengthBits;
  bool sound = (header_[0] & kReservedBits) == 0 && IsKnown(frame_.opcode) && (header_[1] & kMaskBit) != 0;
  if (IsControl(frame_.opcode)) {
    sound = sound && frame_.final && length <= kMaxControlBytes;
  } else {
    sound = sound && (frame_.opcode == Opcode::kContinuation) == in_message_;
  }
  return sound || Fail(CloseCode::kProtocolError);
}

// The length must be written in the fewest bytes that hold it, and eight bytes leave their first bit clear.
bool FrameReader::CheckLength(size_t extra) {
  uint64_t length = extra == 0 ? header_[1] & kLengthBits : 0;
  for (size_t i = 0; i < extra; ++i) length = length << 8 | header_[2 + i];
  const bool padded = (extra == 2 && length < kTwoByteLength) || (extra == 8 && length <= 0xffff);
  if (padded || length >> 63 != 0) return Fail(CloseCode::kProtocolError);
  if (length > kMaxPayloadBytes) return Fail(CloseCode::kTooBig);
  payload_size_ = length;
  return true;
}

void FrameReader::ReadPayload(std::string_view* in) {
  const size_t start = payload_.size();
  payload_.append(in->substr(0, payload_size_ - start));
  const unsigned char* mask = header_.data() + header_size_ - kMaskBytes;
  for (size_t i = start; i < payload_.size(); ++i)
    payload_[i] = static_cast<char>(payload_[i] ^ mask[i % kMaskBytes]);
  in->remove_prefix(payload_.size() - start);
}

bool FrameReader::CheckClose() {
  if (payload_.empty()) return true;
  if (payload_.size() == 1) return Fail(CloseCode::kProtocolError);
  const unsigned code =
      static_cast<unsigned char>(payload_[0]) << 8 | static_cast<unsigned char>(payload_[1]);
  return MayBeSent(code) || Fail(CloseCode::kProtocolError);
}

// Always false, for the checks to return.
bool FrameReader::Fail(CloseCode code) {
  error_ = code;
  return false;
}

}  // namespace fairlead::demo
