#include "pkg/http1/framing.h"

#include <gtest/gtest.h>

namespace fairlead::http1 {
namespace {

TEST(FramingForClient, KeepsWhatNeedsNoChunks) {
  for (int minor_version : {0, 1}) {
    for (const BodyFraming& same :
         {BodyFraming{}, BodyFraming{Framing::kNone, 5}, BodyFraming{Framing::kContentLength, 5}}) {
      EXPECT_EQ(FramingForClient(same, minor_version), same);
    }
  }
}

TEST(FramingForClient, ChunksUnknownLengthsUnlessTheClientIsTooOld) {
  for (Framing unknown : {Framing::kChunked, Framing::kUntilClose}) {
    EXPECT_EQ(FramingForClient({unknown, {}}, 1).framing, Framing::kChunked);
    EXPECT_EQ(FramingForClient({unknown, {}}, 0).framing, Framing::kUntilClose);
  }
}

TEST(AddFraming, SaysHowTheBodyEnds) {
  Fields none, length, announced, chunked, close;
  AddFraming({}, &none);
  AddFraming({Framing::kContentLength, 1234567890123456789}, &length);
  AddFraming({Framing::kNone, 7}, &announced);
  AddFraming({Framing::kChunked, {}}, &chunked);
  AddFraming({Framing::kUntilClose, {}}, &close);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(length.Get("content-length"), "1234567890123456789");
  EXPECT_EQ(announced.Get("content-length"), "7");
  EXPECT_EQ(chunked.Get("transfer-encoding"), "chunked");
  EXPECT_EQ(chunked.size(), 1u);
  EXPECT_TRUE(close.empty());
}

}  // namespace
}  // namespace fairlead::http1
