#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/demo/frame.h"

namespace fairlead::demo {

// Reads the frames that one client sends to a server (RFC 6455 §5), unmasks them, and refuses what breaks the
// protocol: reserved bits and opcodes, missing masks, padded lengths, fragments out of order, malformed Close
// frames. No extension is ever negotiated. Text is not checked for UTF-8: an echo returns it to whoever sent
// it.
//
// Pure: bytes in, events out, whatever the pieces. A frame is gathered whole, so it may hold kMaxPayloadBytes
// at most; memory follows the bytes that came, not the length that was announced.
class FrameReader {
 public:
  static constexpr size_t kMaxPayloadBytes = 1 << 20;

  enum class Event : uint8_t {
    kNeedMore,  // all input was taken; ask again with more
    kFrame,     // see frame()
    kError,     // see error(). Nothing follows
  };

  // Takes from the front of *in what it needs for the next event.
  Event Next(std::string_view* in);

  // After kFrame, until the next call of Next.
  const Frame& frame() const { return frame_; }
  // After kError: the code to close with, kTooBig for a longer frame and kProtocolError for the rest.
  CloseCode error() const { return *error_; }

 private:
  static constexpr size_t kMaskBytes = 4;
  static constexpr size_t kMaxHeaderBytes = 2 + 8 + kMaskBytes;

  enum class State : uint8_t { kHeader, kPayload, kDone };

  bool FillHeader(std::string_view* in, size_t size);
  bool ReadHeader(std::string_view* in);
  bool CheckStart();
  bool CheckLength(size_t extra);
  void ReadPayload(std::string_view* in);
  bool CheckClose();
  void Reset();
  bool Fail(CloseCode code);

  State state_ = State::kHeader;
  std::array<unsigned char, kMaxHeaderBytes> header_{};
  size_t header_size_ = 0;  // bytes of it that have come
  size_t payload_size_ = 0;
  std::string payload_;
  Frame frame_;
  bool in_message_ = false;  // a fragmented message waits for its continuation
  std::optional<CloseCode> error_;
};

}  // namespace fairlead::demo
