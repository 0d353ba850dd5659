#include "pkg/http1/body_writer.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::http1 {
namespace {

using Result = BodyWriter::Result;

// Everything that goes out for the pieces and the end, or the word for what went wrong.
std::string Frame(const BodyFraming& body, std::initializer_list<std::string_view> pieces,
                  const Fields& trailers = {}) {
  BodyWriter writer(body);
  std::string all, scratch;
  std::string_view wire;
  for (std::string_view piece : pieces) {
    if (writer.Write(piece, &scratch, &wire) != Result::kOk) return "too long";
    all.append(wire);
  }
  if (writer.End(trailers, &scratch, &wire) != Result::kOk) return "too short";
  return all.append(wire);
}

TEST(BodyWriter, ChunksPieces) {
  EXPECT_EQ(Frame({Framing::kChunked, {}}, {"hello", "", std::string(26, 'x')}),
            "5\r\nhello\r\n1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
}

TEST(BodyWriter, SendsTrailersOnlyInChunksAndOnlyHarmlessOnes) {
  Fields trailers;
  trailers.Add("X-Sum", "1");
  trailers.Add("Content-Length", "9");
  EXPECT_EQ(Frame({Framing::kChunked, {}}, {}, trailers), "0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(Frame({Framing::kUntilClose, {}}, {"a"}, trailers), "a");
  EXPECT_EQ(Frame({Framing::kContentLength, 1}, {"a"}, trailers), "a");
}

TEST(BodyWriter, DoesNotCopyWhatNeedsNoFraming) {
  std::string scratch;
  std::string_view wire;
  const std::string_view data = "abc";
  BodyWriter until_close({Framing::kUntilClose, {}});
  EXPECT_EQ(until_close.Write(data, &scratch, &wire), Result::kOk);
  EXPECT_EQ(wire.data(), data.data());
  BodyWriter length({Framing::kContentLength, 3});
  EXPECT_EQ(length.Write(data, &scratch, &wire), Result::kOk);
  EXPECT_EQ(wire.data(), data.data());
  EXPECT_TRUE(scratch.empty());
}

TEST(BodyWriter, HoldsTheBodyToItsLength) {
  EXPECT_EQ(Frame({Framing::kContentLength, 5}, {"ab", "cde"}), "abcde");
  EXPECT_EQ(Frame({Framing::kContentLength, 5}, {"ab", "cdef"}), "too long");
  EXPECT_EQ(Frame({Framing::kContentLength, 5}, {"ab"}), "too short");
  EXPECT_EQ(Frame({Framing::kContentLength, 0}, {}), "");
  EXPECT_EQ(Frame({Framing::kNone, {}}, {""}), "");
  EXPECT_EQ(Frame({Framing::kNone, 5}, {}), "");
  EXPECT_EQ(Frame({Framing::kNone, 5}, {"hello"}), "too long");
}

}  // namespace
}  // namespace fairlead::http1
