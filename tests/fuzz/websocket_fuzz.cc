// A FrameCursor sees in any bytes, however they are cut, what a slow and obvious reader of the whole sees; at
// each cut it knows where it stands; what it takes for one message at a glance is one; and what is put in
// where it says that a frame has ended comes out as a frame of its own, with all others as they were.
//
// The first byte of the input says how large the pieces are, the lowest bit of the second whether a client
// sent. Both together choose random pieces, too.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/websocket/test_frames.h"
#include "tests/fuzz/pieces.h"

namespace {

using fairlead::websocket::Frame;
using fairlead::websocket::FrameCursor;
using fairlead::websocket::IsOneMessage;
using fairlead::websocket::MessageIn;
using fairlead::websocket::Opcode;
using fairlead::websocket::ReadFrames;
using fairlead::websocket::Seen;
using fairlead::websocket::Sender;
using Step = FrameCursor::Step;

void Require(bool holds) {
  if (!holds) std::abort();
}

// A frame whose header is complete and whose last byte has not come.
struct Unfinished {
  uint8_t first;
  uint64_t size;
  uint64_t left;
};

// What stands behind the last whole frame of a stream that makes sense.
std::optional<Unfinished> UnfinishedIn(Sender sender, std::string_view rest) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(rest[i]); };
  if (rest.size() < 2) return std::nullopt;
  const size_t extra = byte(1) % 128 == 126 ? 2 : byte(1) % 128 == 127 ? 8 : 0;
  const size_t header = 2 + extra + (sender == Sender::kClient ? 4 : 0);
  if (rest.size() < header) return std::nullopt;
  uint64_t size = extra == 0 ? byte(1) % 128 : 0;
  for (size_t i = 0; i < extra; ++i) size = size * 256 + byte(2 + i);
  return Unfinished{byte(0), size, size - (rest.size() - header)};
}

void RequirePlace(const FrameCursor& cursor, Sender sender, std::string_view so_far) {
  const Seen seen = ReadFrames(sender, so_far);
  Require(!seen.nonsense && cursor.at_boundary() == seen.boundary);
  const uint64_t last_end = seen.frames.empty() ? 0 : seen.frames.back().end;
  const std::optional<Unfinished> expected = UnfinishedIn(sender, so_far.substr(last_end));
  Require(cursor.in_payload() == expected.has_value());
  if (!expected) return;
  Require(cursor.payload_left() == expected->left && cursor.payload_size() == expected->size);
  Require(static_cast<uint8_t>(cursor.opcode()) == expected->first % 16);
  Require(cursor.fin() == (expected->first >= 128) && cursor.masked() == (sender == Sender::kClient));
}

// Where the cursor says that something may be put in.
std::vector<size_t> WalkPlaces(Sender sender, std::string_view stream,
                               const std::vector<std::string_view>& pieces) {
  constexpr size_t kCompared = 32;  // places: the slow reader begins anew for each
  std::vector<size_t> boundaries = {0};
  FrameCursor cursor(sender);
  size_t at = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::string_view in = pieces[i];
    while (!in.empty()) {
      const size_t before = in.size();
      const Step step = cursor.Next(&in);
      at += before - in.size();
      if (step == Step::kNonsense) return boundaries;
      Require(cursor.at_boundary() == (step == Step::kEnd || step == Step::kWhole));
      if (cursor.at_boundary()) boundaries.push_back(at);
    }
    if (i < kCompared) RequirePlace(cursor, sender, stream.substr(0, at));
  }
  return boundaries;
}

// `seen` with a ping of that many bytes behind the frames that end at `at`.
Seen WithPing(Seen seen, size_t at, size_t bytes, size_t payload) {
  const auto place =
      std::find_if(seen.frames.begin(), seen.frames.end(), [&](const auto& frame) { return frame.end > at; });
  for (auto later = place; later != seen.frames.end(); ++later) later->end += bytes;
  const uint64_t message_size = place == seen.frames.begin() ? 0 : std::prev(place)->message_size;
  seen.frames.insert(place, {.opcode = Opcode::kPing,
                             .fin = true,
                             .size = payload,
                             .end = at + bytes,
                             .message_size = message_size,
                             .message_opcode = Opcode::kPing});
  return seen;
}

void RequireRoomForPing(Sender sender, std::string_view stream, const Seen& expected, size_t at) {
  const std::string ping = Frame(sender, Opcode::kPing, "room?");
  std::string with_ping(stream);
  with_ping.insert(at, ping);
  Require(ReadFrames(sender, with_ping) == WithPing(expected, at, ping.size(), 5));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t step = std::max<size_t>(data[0], 1);
  const uint32_t seed = data[0] * 256 + data[1];
  const Sender sender = (data[1] & 1) != 0 ? Sender::kClient : Sender::kServer;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Seen expected = ReadFrames(sender, stream);
  Require(Walk(sender, stream, {}) == expected && Walk(sender, stream, {step}) == expected);

  const auto message = MessageIn(sender, stream);
  Require(message.has_value() == IsOneMessage(sender, stream));
  if (message) {
    Require(message->size == expected.frames.front().size);
    Require(message->text == (expected.frames.front().opcode == Opcode::kText));
  }

  const std::vector<size_t> boundaries =
      WalkPlaces(sender, stream, fairlead::testing::CutAtRandom(stream, seed));
  RequireRoomForPing(sender, stream, expected, boundaries[seed % boundaries.size()]);
  return 0;
}
