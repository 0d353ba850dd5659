// The chunked framing of bodies (RFC 9112 §7.1), which both readers share.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/http1/transcript.h"

namespace fairlead::http1 {
namespace {

using testing::HasSubstr;

std::string Read(const std::string& body, const HeadLimits& limits = {}) {
  const std::string input = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
  const std::string transcript =
      SameHoweverSplit(input, [&limits](const Pieces& pieces) { return TranscribeRequests(pieces, limits); });
  constexpr std::string_view kLastField = "Transfer-Encoding: chunked\n";
  return transcript.substr(
      transcript.rfind("WHOLE", 0) == 0 ? 0 : transcript.find(kLastField) + kLastField.size());
}

TEST(ChunkedBody, JoinsChunksAndKeepsTrailers) {
  EXPECT_EQ(Read("5\r\nhello\r\n1\r\n,\r\nA\r\n0123456789\r\n00a\r\n0123456789\r\n0\r\n\r\n"),
            "body hello,01234567890123456789\nend\n");
  EXPECT_EQ(Read("0\r\nX-Sum: abc\r\nY:\r\n\r\n"), "end\n  X-Sum: abc\n  Y: \n");
  EXPECT_EQ(Read("2\r\n\r\n\r\n000\r\n\r\n"), "body \r\n\nend\n");
}

TEST(ChunkedBody, PassesOverExtensions) {
  EXPECT_EQ(Read("1;a\r\nx\r\n1;a=b;c=\"d;\\\"e\"\r\ny\r\n1 ; a = b\r\nz\r\n0;last\r\n\r\n"),
            "body xyz\nend\n");
}

TEST(ChunkedBody, LeavesTheNextRequestAlone) {
  EXPECT_THAT(Read("1\r\nx\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n"),
              HasSubstr("body x\nend\nhead GET /2 "));
}

TEST(ChunkedBody, WaitsForMore) {
  for (const char* unfinished : {"", "5", "5\r", "5\r\n", "0\r\n", "0\r\n\r", "0\r\nX: y\r\n"}) {
    EXPECT_EQ(Read(unfinished), "unfinished\n") << unfinished;
  }
  EXPECT_EQ(Read("5\r\nhello"), "body hello\nunfinished\n");
  EXPECT_EQ(Read("5\r\nhello\r"), "body hello\nunfinished\n");
}

TEST(ChunkedBody, RefusesBadFraming) {
  for (const char* bad : {"\r\n",
                          "x\r\n",
                          "-1\r\n",
                          "+1\r\n",
                          " 1\r\n",
                          "0x1\r\n\r\n",
                          "1 \r\nx\r\n",
                          "1\t\r\nx\r\n",
                          "1,\r\n",
                          "1;\r\n",
                          "1;=b\r\n",
                          "1;a=\r\n",
                          "1;a b\r\n",
                          "1\nx\r\n",
                          "1;a=\"\n\"\r\n",
                          "1;a=\"\r\n\"\r\n",
                          "1;a=\"b\r\n",
                          "1;a=\"b\\\"\r\n",
                          "0;a=\"b\r\n",
                          "1;\ra\r\n",
                          "0\n\r\n",
                          "0\r\n\n",
                          "10000000000000000\r\n",
                          "fffffffffffffffff\r\n",
                          "0;;\r\n\r\n",
                          "\r\n1\r\nx\r\n"}) {
    EXPECT_EQ(Read(bad), "error bad_chunk\n") << bad;
  }
  for (const char* bad : {"1\r\nxy\r\n", "1\r\nx\n", "1\r\nx0\r\n\r\n", "1\r\nx\r\n\r\n", "1\r\nx\rx\n"}) {
    EXPECT_EQ(Read(bad), "body x\nerror bad_chunk\n") << bad;
  }
}

TEST(ChunkedBody, RefusesBadTrailers) {
  for (const char* bad : {"X : y", "X", ": y", "X: a\r\n b", "X:\r\n b", "X: a\rb", " X: y"}) {
    EXPECT_EQ(Read("0\r\n" + std::string(bad) + "\r\n\r\n"), "error bad_field\n") << bad;
  }
  EXPECT_EQ(Read("0\r\nContent-Length: 1\r\n\r\n"), "error bad_content_length\n");
  EXPECT_EQ(Read("0\r\nTransfer-Encoding: chunked\r\n\r\n"), "error bad_transfer_encoding\n");
  EXPECT_EQ(Read("0\r\nX: y\n\r\n"), "error bad_chunk\n");
}

TEST(ChunkedBody, KeepsToItsLimits) {
  EXPECT_EQ(Read("1;a=" + std::string(1018, 'b') + "\r\nx\r\n0\r\n\r\n"), "body x\nend\n");
  EXPECT_EQ(Read("1;a=" + std::string(1019, 'b') + "\r\nx\r\n0\r\n\r\n"), "error bad_chunk\n");
  EXPECT_EQ(Read(std::string(2000, '0')), "error bad_chunk\n");
  const HeadLimits limits{.max_head_bytes = 100, .max_start_line_bytes = 100, .max_fields = 2};
  EXPECT_EQ(Read("0\r\nX: " + std::string(100, 'y'), limits), "error head_too_large\n");
  EXPECT_EQ(Read("0\r\na: 1\r\nb: 2\r\n\r\n", limits), "end\n  a: 1\n  b: 2\n");
  EXPECT_EQ(Read("0\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", limits), "error too_many_fields\n");
}

TEST(ChunkedBody, TakesTheLargestChunkThatCanBeSaid) {
  EXPECT_EQ(Read("7fffffffffffffff\r\nx"), "body x\nunfinished\n");
}

}  // namespace
}  // namespace fairlead::http1
