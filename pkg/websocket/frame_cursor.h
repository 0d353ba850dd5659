#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::websocket {

// RFC 6455 §5.2. The numbers between are reserved.
enum class Opcode : uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

inline bool IsControl(Opcode opcode) {
  return (static_cast<uint8_t>(opcode) & 0x8) != 0;
}

// Who sends the frames: a client masks all of them, a server none (RFC 6455 §5.1).
enum class Sender : uint8_t { kClient, kServer };

// Finds the frames in one direction of a WebSocket (RFC 6455 §5), however the bytes are cut. It looks at
// headers and counts its way through payloads: nothing is copied, unmasked or kept. Pure; one thread.
//
//   while (!bytes.empty()) switch (cursor.Next(&bytes)) …
//
// RSV1 belongs to permessage-deflate (RFC 7692) and passes anywhere. What no sender may send is kNonsense:
// RSV2 and RSV3, reserved opcodes, control frames that are fragmented or longer than 125 bytes, a mask where
// there must be none or none where there must be one, a continuation of nothing, a new message inside
// another, a length not in its shortest form or above 2^63 - 1.
class FrameCursor {
 public:
  static constexpr size_t kMaxControlPayload = 125;

  enum class Step : uint8_t {
    kMore,      // the input is used up; the header or frame that it ends in goes on
    kBegin,     // a header is complete and the input used up; its frame goes on
    kEnd,       // the frame that began with kBegin is complete; the input goes on behind it
    kWhole,     // both: a header is complete, and its frame too; the input goes on behind it
    kNonsense,  // no WebSocket; where the input now stands means nothing, and Next must not be called again
  };

  explicit FrameCursor(Sender sender)
      : mask_bit_(sender == Sender::kClient ? 0x80 : 0), header_size_(sender == Sender::kClient ? 6 : 2) {}

  // What `in` is, where all of it is one unfragmented message of less than 64 KiB that is not empty. Only for
  // a cursor that is before_message(), and stays so. Nearly all reads are like this.
  struct Message {
    bool text;
    uint16_t size;  // of the payload
  };
  template <Sender kSender>
  static std::optional<Message> MessageIn(std::string_view in) {
    // How long the input is says what its header must be: to compare takes fewer steps than to read.
    constexpr size_t kHeader = kSender == Sender::kClient ? 6 : 2;
    constexpr uint32_t kMask = kSender == Sender::kClient ? 0x80 : 0;
    const auto text_or_binary = [in](size_t short_size) -> uint32_t {  // 0, 1, or more than 1
      const uint32_t text = (kMask | static_cast<uint32_t>(short_size)) << 8 | kFin | 1;
      return ((ByteOf(in, 1) << 8 | ByteOf(in, 0)) & ~uint32_t{kRsv1}) - text;
    };
    constexpr uint32_t kOther = 2;
    size_t size = in.size() - kHeader;  // wraps round for what is shorter, and fits neither branch
    uint32_t kind = kOther;
    if (size - 1 < k16Bits - 1) {
      kind = text_or_binary(size);
    } else if (in.size() >= kHeader + 2 + k16Bits) {
      size -= 2;
      if ((ByteOf(in, 2) << 8 | ByteOf(in, 3)) == size) kind = text_or_binary(k16Bits);
    }
    if (kind > 1) return std::nullopt;
    return Message{.text = kind == 0, .size = static_cast<uint16_t>(size)};
  }

  // Goes on to the next step and takes what it has passed off the front of *in, which is not empty.
  Step Next(std::string_view* in) {
    // Several of those in one read.
    if (phase_ == Phase::kMessage && in->size() >= 2) {
      const auto first = static_cast<uint8_t>((*in)[0]);
      const size_t size = static_cast<uint8_t>((*in)[1]) ^ mask_bit_;  // 128 and more with the wrong mask
      const bool is_message = static_cast<uint8_t>((first & ~kRsv1) - 0x81) <= 1;  // FIN, text or binary
      if (is_message && size < k16Bits && in->size() >= size + header_size_) {
        first_ = first;
        frame_size_ = message_size_ = size;
        in->remove_prefix(size + header_size_);
        return Step::kWhole;
      }
    }
    if (phase_ == Phase::kPayload && in->size() < left_) {
      left_ -= in->size();
      in->remove_prefix(in->size());
      return Step::kMore;
    }
    return NextOfAny(in);
  }

  // Between two frames: something may be put in here.
  bool at_boundary() const { return phase_ == Phase::kMessage || phase_ == Phase::kFragment; }
  // Between two messages.
  bool before_message() const { return phase_ == Phase::kMessage; }
  // Behind a header and before the last byte of its frame.
  bool in_payload() const { return phase_ == Phase::kPayload; }

  // Of the frame that began last; from its kBegin or kWhole to the next one's.

  Opcode opcode() const { return static_cast<Opcode>(first_ & 0xF); }
  bool fin() const { return (first_ & kFin) != 0; }
  bool masked() const { return mask_bit_ != 0; }
  uint64_t payload_size() const { return frame_size_; }
  uint64_t payload_left() const { return left_; }

  // Of the message that a data frame belongs to: its opcode, and its size up to the end of that frame.

  Opcode message_opcode() const { return opcode() == Opcode::kContinuation ? message_ : opcode(); }
  uint64_t message_size() const { return message_size_; }

 private:
  enum class Phase : uint8_t {
    kMessage,   // at a boundary, no message under way
    kFragment,  // at a boundary inside a message
    kSecond,    // at the second byte of a header
    kLength,    // in its extended length
    kMask,      // in its masking key
    kPayload,
  };

  static constexpr uint8_t kFin = 0x80;
  static constexpr uint8_t kRsv1 = 0x40;
  static constexpr size_t k16Bits = 126;
  static constexpr size_t k64Bits = 127;

  static uint32_t ByteOf(std::string_view in, size_t index) { return static_cast<uint8_t>(in[index]); }

  Step NextOfAny(std::string_view* in);
  bool TakeFirst(uint8_t byte);
  bool TakeSecond(uint8_t byte);
  bool TakeLength();
  bool TakeHeader(std::string_view* in);
  void HeaderComplete();
  void FrameComplete();

  uint64_t frame_size_ = 0;
  uint64_t left_ = 0;  // of the payload; in kLength and kMask: how many bytes of that part
  uint64_t message_size_ = 0;
  Phase phase_ = Phase::kMessage;
  uint8_t first_ = 0;
  uint8_t short_size_ = 0;  // the seven bits of the second byte
  Opcode message_ = Opcode::kContinuation;
  bool in_message_ = false;  // fragments of a message are to follow
  const uint8_t mask_bit_;
  const uint8_t header_size_;  // of a frame with a short length
};

static_assert(sizeof(FrameCursor) < 40);

}  // namespace fairlead::websocket
