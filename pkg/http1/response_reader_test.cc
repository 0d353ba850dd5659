#include "pkg/http1/response_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/http1/transcript.h"

namespace fairlead::http1 {
namespace {

using testing::HasSubstr;

std::string Read(std::string_view input, std::string_view method = "GET", bool eof = false,
                 const HeadLimits& limits = {}) {
  return SameHoweverSplit(
      input, [&](const Pieces& pieces) { return TranscribeResponse(pieces, method, eof, limits); });
}

TEST(ResponseReader, ReadsABodyOfKnownLength) {
  EXPECT_EQ(Read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhellorest"),
            "head 200 OK 1.1 keep=1 upgrade= body=length 5\n  Content-Length: 5\n  X: y\nbody "
            "hello\nend\nrest rest\n");
}

TEST(ResponseReader, ReadsAChunkedBodyWithTrailers) {
  EXPECT_EQ(Read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"),
            "head 200 OK 1.1 keep=1 upgrade= body=chunked\n  Transfer-Encoding: chunked\nbody abc\nend\n  "
            "X-Sum: 1\n");
}

TEST(ResponseReader, ReadsUntilTheConnectionEnds) {
  EXPECT_EQ(Read("HTTP/1.1 200 OK\r\n\r\nabc", "GET", true),
            "head 200 OK 1.1 keep=0 upgrade= body=close\nbody abc\nend by eof\n");
  EXPECT_EQ(Read("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", "GET", true),
            "head 200 OK 1.0 keep=0 upgrade= body=close\n  Connection: keep-alive\nend by eof\n");
}

TEST(ResponseReader, ReadsInterimResponsesOnTheirOwn) {
  EXPECT_EQ(Read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            "head 100 Continue 1.1 keep=1 upgrade= body=none\n"
            "head 103 Early Hints 1.1 keep=1 upgrade= body=none\n  Link: </a>\n"
            "head 200 OK 1.1 keep=1 upgrade= body=length 0\n  Content-Length: 0\nend\n");
}

TEST(ResponseReader, EndsWithASwitchOfProtocols) {
  EXPECT_EQ(
      Read("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x01x"),
      "head 101 Switching Protocols 1.1 keep=1 upgrade=websocket body=none\n"
      "  Connection: Upgrade\n  Upgrade: websocket\nend\nrest \x81\x01x\n");
  EXPECT_THAT(Read("HTTP/1.1 101 \r\nUpgrade: websocket\r\n\r\n"), HasSubstr("upgrade= body=none"));
}

TEST(ResponseReader, KnowsWhichResponsesHaveNoBody) {
  const struct {
    std::string_view input, method, expected;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD", "body=none 5\n"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD", "body=none\n"},
      {"HTTP/1.1 200 OK\r\n\r\n", "HEAD", "keep=1 upgrade= body=none\n"},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "GET", "body=none 5\n"},
      {"HTTP/1.1 304 Not Modified\r\n\r\n", "GET", "keep=1 upgrade= body=none\n"},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "GET", "body=none\n"},
      {"HTTP/1.1 204 No Content\r\n\r\n", "HEAD", "body=none\n"},
      {"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", "GET", "body=length 0\n"},
  };
  for (const auto& c : cases) {
    const std::string transcript = Read(c.input, c.method);
    EXPECT_THAT(transcript, HasSubstr(c.expected)) << c.input;
    EXPECT_THAT(transcript, testing::EndsWith("end\n")) << c.input;
  }
}

TEST(ResponseReader, AcceptsWhatBackendsSend) {
  const struct {
    std::string_view input, expected;
  } cases[] = {
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "head 200  1.1"},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "head 200  1.1"},
      {"HTTP/1.1 200 Tr\xc3\xa8s bien\r\nContent-Length: 0\r\n\r\n", "head 200 Tr\xc3\xa8s bien 1.1"},
      {"HTTP/1.1 999 Whatever\r\nContent-Length: 0\r\n\r\n", "head 999 Whatever"},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", "1.0 keep=1"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "1.0 keep=0"},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "1.1 keep=0"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", "body=length 0"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0, 0\r\n\r\n", "body=length 0"},
      {"HTTP/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: a\r\nUpgrade: b\r\nContent-Length: "
       "0\r\n\r\n",
       "upgrade=a, b body=length 0"},
  };
  for (const auto& c : cases) EXPECT_THAT(Read(c.input), HasSubstr(c.expected)) << c.input;
}

TEST(ResponseReader, SaysWhenABodyWasCutShort) {
  for (std::string_view cut :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"}) {
    EXPECT_THAT(Read(cut, "GET", true), HasSubstr("truncated\n")) << cut;
  }
}

TEST(ResponseReader, EndsOnceWhenTheConnectionEndsBehindTheBody) {
  ResponseReader reader(HeadLimits{}, "GET");
  std::string_view in = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  ASSERT_EQ(reader.Next(&in), Event::kHead);
  ASSERT_EQ(reader.Next(&in), Event::kBody);
  EXPECT_EQ(reader.OnEof(), Event::kEnd);
  EXPECT_EQ(reader.OnEof(), Event::kEnd);
  EXPECT_EQ(reader.Next(&in), Event::kEnd);
}

TEST(ResponseReader, RefusesBadHeads) {
  const struct {
    std::string_view input;
    Error error;
  } cases[] = {
      {"HTTP/1.1 20 OK\r\n\r\n", Error::kBadStartLine},
      {"HTTP/1.1 2000 OK\r\n\r\n", Error::kBadStartLine},
      {"HTTP/1.1 099 OK\r\n\r\n", Error::kBadStartLine},
      {"HTTP/1.1  200 OK\r\n\r\n", Error::kBadStartLine},
      {"http/1.1 200 OK\r\n\r\n", Error::kBadStartLine},
      {"HTTP/1.1 200 O\x01K\r\n\r\n", Error::kBadStartLine},
      {"HTTP/2.0 200 OK\r\n\r\n", Error::kUnsupportedVersion},
      {"HTTP/1.1 200 OK\nContent-Length: 0\n\n", Error::kBadStartLine},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", Error::kBadStartLine},
      {"\x15\x03\x01", Error::kBadStartLine},
      {"SSH-2.0-OpenSSH\r\n\r\n", Error::kBadStartLine},
      {"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", Error::kBadField},
      {"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", Error::kBadField},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", Error::kBadContentLength},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", Error::kBadContentLength},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       Error::kBadTransferEncoding},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\n",
       Error::kBadTransferEncoding},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Error::kBadTransferEncoding},
      {"HTTP/1.1 204 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", Error::kBadTransferEncoding},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Error::kUnsupportedTransferEncoding},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", Error::kUnsupportedTransferEncoding},
      {"HTTP/1.1 200 OK\r\nConnection: "
       "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a\r\n\r\n",
       Error::kBadField},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Read(c.input), "error " + std::string(ToString(c.error)) + "\n") << c.input;
  }
}

TEST(ResponseReader, KeepsToItsLimits) {
  const HeadLimits limits{.max_head_bytes = 60, .max_start_line_bytes = 60, .max_fields = 1};
  const std::string large(60, 'a');
  EXPECT_EQ(Read("HTTP/1.1 200 OK\r\nX: " + large, "GET", false, limits), "error head_too_large\n");
  EXPECT_EQ(Read("HTTP/1.1 200 " + large, "GET", false, limits), "error head_too_large\n");
  EXPECT_EQ(Read("HTTP/1.1 200 OK\r\na: 1\r\nb: 2\r\n\r\n", "GET", false, limits), "error too_many_fields\n");
}

}  // namespace
}  // namespace fairlead::http1
