#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/websocket/frame_cursor.h"

namespace fairlead::websocket {

// For tests: frames written out by hand, and a reader of frames that is slow and obvious. Neither shares
// anything with FrameCursor.

// A frame with the shortest length; a client's is masked.
inline std::string Frame(Sender sender, Opcode opcode, std::string_view payload, bool fin = true,
                         bool rsv1 = false) {
  constexpr std::string_view kKey = "\x12\x34\x56\x78";
  std::string frame(1, static_cast<char>((fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | static_cast<int>(opcode)));
  const int mask = sender == Sender::kClient ? 0x80 : 0;
  const int length_bytes = payload.size() < 126 ? 0 : payload.size() < 65536 ? 2 : 8;
  frame += static_cast<char>(mask | (length_bytes == 0   ? static_cast<int>(payload.size())
                                     : length_bytes == 2 ? 126
                                                         : 127));
  for (int i = length_bytes - 1; i >= 0; --i) frame += static_cast<char>(payload.size() >> (8 * i));
  if (mask == 0) return frame.append(payload);
  frame += kKey;
  for (size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ kKey[i % 4]);
  return frame;
}

inline std::string ClientFrame(Opcode opcode, std::string_view payload, bool fin = true) {
  return Frame(Sender::kClient, opcode, payload, fin);
}
inline std::string ServerFrame(Opcode opcode, std::string_view payload, bool fin = true) {
  return Frame(Sender::kServer, opcode, payload, fin);
}

// A frame that was read to its end.
struct SeenFrame {
  Opcode opcode;
  bool fin;
  uint64_t size;
  uint64_t end;  // where it ends in the stream
  uint64_t message_size;
  Opcode message_opcode;

  bool operator==(const SeenFrame&) const = default;
};

struct Seen {
  std::vector<SeenFrame> frames;
  bool nonsense = false;
  bool boundary = true;  // where the stream breaks off

  bool operator==(const Seen&) const = default;
};

// Needs the whole stream, and starts each header anew.
inline Seen ReadFrames(Sender sender, std::string_view stream) {
  Seen seen;
  size_t at = 0;
  Opcode message = Opcode::kContinuation;  // while in_message
  bool in_message = false;
  uint64_t message_size = 0;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(stream[at + i]); };
  const auto nonsense = [&] {
    seen.nonsense = true;
    return seen;
  };
  while (at < stream.size()) {
    seen.boundary = false;
    const int opcode = byte(0) & 15;
    const bool fin = byte(0) >= 128, control = opcode >= 8;
    if ((byte(0) & 0x30) != 0 || (opcode > 2 && opcode < 8) || opcode > 10) return nonsense();
    if (control && !fin) return nonsense();
    if (opcode == 0 && !in_message) return nonsense();
    if ((opcode == 1 || opcode == 2) && in_message) return nonsense();
    if (stream.size() < at + 2) return seen;
    const bool masked = byte(1) >= 128;
    uint64_t size = byte(1) % 128;
    if (masked != (sender == Sender::kClient) || (control && size > 125)) return nonsense();
    const size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (stream.size() < at + 2 + extra) return seen;
    if (extra > 0) {
      size = 0;
      for (size_t i = 0; i < extra; ++i) size = size * 256 + byte(2 + i);
      if (size < 126 || (extra == 8 && (size < 65536 || size >> 63 != 0))) return nonsense();
    }
    const size_t header = 2 + extra + (masked ? 4 : 0);
    if (stream.size() < at + header || stream.size() - at - header < size) return seen;
    if (opcode == 1 || opcode == 2) {
      message = static_cast<Opcode>(opcode);
      message_size = 0;
      in_message = true;
    }
    if (!control) message_size += size;
    at += header + size;
    seen.frames.push_back({.opcode = static_cast<Opcode>(opcode),
                           .fin = fin,
                           .size = size,
                           .end = at,
                           .message_size = message_size,
                           .message_opcode = control ? static_cast<Opcode>(opcode) : message});
    if (!control && fin) in_message = false;
    seen.boundary = true;
  }
  return seen;
}

// Whether FrameCursor::MessageIn should know it.
inline bool IsOneMessage(Sender sender, std::string_view in) {
  const Seen seen = ReadFrames(sender, in);
  if (seen.nonsense || seen.frames.size() != 1) return false;
  const SeenFrame& frame = seen.frames.front();
  return frame.end == in.size() && frame.fin && frame.opcode <= Opcode::kBinary && frame.size > 0 &&
         frame.size <= UINT16_MAX;
}

inline std::optional<FrameCursor::Message> MessageIn(Sender sender, std::string_view in) {
  return sender == Sender::kClient ? FrameCursor::MessageIn<Sender::kClient>(in)
                                   : FrameCursor::MessageIn<Sender::kServer>(in);
}

// What a FrameCursor sees in the stream, given in pieces of these sizes, over and over; none = in one.
inline Seen Walk(Sender sender, std::string_view stream, const std::vector<size_t>& cuts) {
  using Step = FrameCursor::Step;
  Seen seen;
  FrameCursor cursor(sender);
  size_t at = 0;
  for (size_t piece = 0; at < stream.size(); ++piece) {
    std::string_view in = stream.substr(at, cuts.empty() ? stream.size() : cuts[piece % cuts.size()]);
    at += in.size();
    while (!in.empty()) {
      const Step step = cursor.Next(&in);
      if (step == Step::kNonsense) {
        seen.nonsense = true;
        seen.boundary = false;
        return seen;
      }
      if (step == Step::kMore || step == Step::kBegin) {
        if (!in.empty()) seen.nonsense = true;  // it promised to use the input up
        continue;
      }
      seen.frames.push_back({.opcode = cursor.opcode(),
                             .fin = cursor.fin(),
                             .size = cursor.payload_size(),
                             .end = at - in.size(),
                             .message_size = cursor.message_size(),
                             .message_opcode = cursor.message_opcode()});
    }
  }
  seen.boundary = cursor.at_boundary();
  return seen;
}

}  // namespace fairlead::websocket
