// A FrameCursor sees in any bytes, however they are cut, what a slow and obvious reader of the whole sees.
//
// The first byte of the input says how large the pieces are, the lowest bit of the second whether a client
// sent.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pkg/websocket/test_frames.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using fairlead::websocket::Seen;
  using fairlead::websocket::Sender;
  if (size < 2) return 0;
  const size_t step = std::max<size_t>(data[0], 1);
  const Sender sender = (data[1] & 1) != 0 ? Sender::kClient : Sender::kServer;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Seen expected = ReadFrames(sender, stream);
  if (Walk(sender, stream, {}) != expected || Walk(sender, stream, {step}) != expected) std::abort();
  return 0;
}
