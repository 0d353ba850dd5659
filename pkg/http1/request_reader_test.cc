#include "pkg/http1/request_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/http1/transcript.h"

namespace fairlead::http1 {
namespace {

using testing::HasSubstr;

std::string Read(std::string_view input, const HeadLimits& limits = {}) {
  return SameHoweverSplit(input,
                          [&limits](const Pieces& pieces) { return TranscribeRequests(pieces, limits); });
}

// A head from a start line and field lines, with a Host unless the fields bring one.
std::string Head(std::string_view start, std::string_view fields) {
  return std::string(start) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

TEST(RequestReader, ReadsAHead) {
  EXPECT_EQ(Read("GET /p?q=1 HTTP/1.1\r\nHost: Example.com:80\r\nX-Empty:\r\nx-tab:\t a\tb \t\r\n\r\n"),
            "head GET /p?q=1 path=/p query=q=1 host=Example.com:80 1.1 keep=1 continue=0 upgrade= body=none\n"
            "  Host: Example.com:80\n  X-Empty: \n  x-tab: a\tb\nend\n");
}

TEST(RequestReader, ReadsPipelinedRequestsOneByOne) {
  EXPECT_EQ(Read("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                 "\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n"
                 "POST /3 HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\nGET"),
            "head POST /1 path=/1 query= host=a 1.1 keep=1 continue=0 upgrade= body=length 3\n"
            "  Host: a\n  Content-Length: 3\nbody abc\nend\n"
            "head GET /2 path=/2 query= host=b 1.1 keep=1 continue=0 upgrade= body=none\n  Host: b\nend\n"
            "head POST /3 path=/3 query= host=c 1.1 keep=1 continue=0 upgrade= body=chunked\n"
            "  Host: c\n  Transfer-Encoding: Chunked\nend\nunfinished\n");
}

TEST(RequestReader, LeavesWhatFollowsAnUpgrade) {
  EXPECT_EQ(Read("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                 "Content-Length: 0\r\n\r\n\x81\x80GET / HTTP/1.1\r\n\r\n"),
            "head GET / path=/ query= host=a 1.1 keep=1 continue=0 upgrade=websocket body=length 0\n"
            "  Host: a\n  Connection: keep-alive, Upgrade\n  Upgrade: websocket\n  Content-Length: 0\nend\n"
            "rest \x81\x80GET / HTTP/1.1\r\n\r\n\n");
}

TEST(RequestReader, HoldsTheNextRequestUntilToldTo) {
  RequestReader reader{HeadLimits{}};
  std::string_view in = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_FALSE(reader.started());
  EXPECT_EQ(reader.Next(&in), Event::kHead);
  EXPECT_TRUE(reader.started());
  EXPECT_EQ(reader.Next(&in), Event::kEnd);
  EXPECT_EQ(reader.Next(&in), Event::kEnd);
  EXPECT_EQ(reader.head().path, "/1");
  EXPECT_EQ(in, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  reader.StartNext();
  EXPECT_FALSE(reader.started());
  EXPECT_EQ(reader.Next(&in), Event::kHead);
  EXPECT_EQ(reader.head().path, "/2");
}

TEST(RequestReader, StaysRefused) {
  RequestReader reader{HeadLimits{}};
  std::string_view in = "GET / HTTP/1.1\r\n\r\n";
  EXPECT_EQ(reader.Next(&in), Event::kError);
  in = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(reader.Next(&in), Event::kError);
  EXPECT_EQ(reader.error(), Error::kBadHost);
  EXPECT_EQ(in.size(), 27u);
}

TEST(RequestReader, BodyIsAViewOfTheInput) {
  RequestReader reader{HeadLimits{}};
  const std::string input = Head("POST / HTTP/1.1", "Content-Length: 4\r\n") + "abcdX";
  std::string_view in = input;
  ASSERT_EQ(reader.Next(&in), Event::kHead);
  ASSERT_EQ(reader.Next(&in), Event::kBody);
  EXPECT_EQ(reader.body().data(), input.data() + input.size() - 5);
  EXPECT_EQ(reader.body().size(), 4u);
  EXPECT_EQ(in, "X");
}

TEST(RequestReader, AcceptsAndUnderstands) {
  const struct {
    std::string input;
    std::string_view expected;  // a part of the transcript
  } cases[] = {
      // Targets.
      {Head("OPTIONS * HTTP/1.1", ""), "OPTIONS * path=* query= host=a"},
      {Head("GET http://b.example:81/x?y HTTP/1.1", ""), "GET /x?y path=/x query=y host=b.example:81"},
      {Head("GET http://b.example:81/x?y HTTP/1.1", ""), "Host: b.example:81\n"},
      {Head("GET https://b HTTP/1.1", ""), "GET / path=/ query= host=b"},
      {Head("GET http://b?q HTTP/1.1", ""), "GET /?q path=/ query=q host=b"},
      {Head("OPTIONS http://b HTTP/1.1", ""), "OPTIONS * path=* query= host=b"},
      {Head("OPTIONS http://b?q HTTP/1.1", ""), "OPTIONS /?q path=/ query=q host=b"},
      {"GET http://b/ HTTP/1.0\r\n\r\n", "host=b 1.0"},
      {Head("GET /? HTTP/1.1", ""), "GET /? path=/ query= host=a"},
      {Head("M-SEARCH /x HTTP/1.1", ""), "head M-SEARCH /x"},
      // Versions and persistence.
      {"GET / HTTP/1.0\r\n\r\n", "host= 1.0 keep=0"},
      {Head("GET / HTTP/1.0", "Connection: Keep-Alive\r\n"), "1.0 keep=1"},
      {Head("GET / HTTP/1.0", "Connection: keep-alive, close\r\n"), "1.0 keep=0"},
      {Head("GET / HTTP/1.1", "Connection: Close\r\n"), "1.1 keep=0"},
      {Head("GET / HTTP/1.1", "Connection: x\r\nConnection: close\r\n"), "1.1 keep=0"},
      {Head("GET / HTTP/1.1", "Proxy-Connection: close\r\n"), "1.1 keep=1"},
      // Upgrades.
      {Head("GET / HTTP/1.1", "Upgrade: websocket\r\n"), "upgrade= body"},
      {Head("GET / HTTP/1.1", "Connection: upgrade\r\n"), "upgrade= body"},
      {Head("GET / HTTP/1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n"), "upgrade= body"},
      {Head("POST / HTTP/1.1", "Upgrade: h2c\r\nContent-Length: 1\r\n") + "x", "upgrade= body=length 1"},
      {Head("GET / HTTP/1.1", "Connection: upgrade\r\nUpgrade: a/1\r\nUpgrade:\r\nUpgrade: b, c\r\n"),
       "upgrade=a/1, b, c body"},
      // Expectations.
      {Head("PUT / HTTP/1.1", "Expect: 100-Continue\r\nContent-Length: 1\r\n") + "x", "continue=1"},
      {Head("PUT / HTTP/1.1", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"), "continue=1"},
      {Head("GET / HTTP/1.1", "Expect: 100-continue\r\n"), "continue=0"},
      {Head("PUT / HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n") + "x", "continue=0"},
      {Head("PUT / HTTP/1.0", "Expect: tea\r\nX: y\r\n"),
       "continue=0 upgrade= body=none\n  Host: a\n  X: y\nend\n"},
      // Bodies.
      {Head("PUT / HTTP/1.1", "Content-Length: 0\r\n"), "body=length 0\n"},
      {Head("PUT / HTTP/1.1", "Content-Length: 0005\r\n") + "hello", "body=length 5\n"},
      {Head("PUT / HTTP/1.1", "Content-Length: 18446744073709551615\r\n") + "x", "body x\nunfinished\n"},
      {Head("GET / HTTP/1.1", "X: \xc3\xa9\x80\r\n"), "  X: \xc3\xa9\x80\n"},
      {Head("GET / HTTP/1.1", "Connection: ,, keep-alive ,\r\n"), "keep=1"},
  };
  for (const auto& c : cases) {
    const std::string transcript = Read(c.input);
    EXPECT_THAT(transcript, HasSubstr(c.expected)) << c.input;
    EXPECT_EQ(transcript.rfind("head ", 0), 0u) << c.input << transcript;
  }
}

struct Refusal {
  std::string input;
  Error error;
};

void ExpectRefused(const std::vector<Refusal>& cases) {
  for (const Refusal& c : cases) {
    EXPECT_EQ(Read(c.input), "error " + std::string(ToString(c.error)) + "\n") << c.input;
  }
}

TEST(RequestReader, RefusesBadStartLines) {
  ExpectRefused({
      {Head("GET  / HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET / HTTP/1.1 ", ""), Error::kBadStartLine},
      {Head("GET /  HTTP/1.1", ""), Error::kBadStartLine},
      {Head("GET\t/ HTTP/1.1", ""), Error::kBadStartLine},
      {Head("GET", ""), Error::kBadStartLine},
      {Head("GET /", ""), Error::kBadTarget},
      {Head("GET / http/1.1", ""), Error::kBadStartLine},
      {Head("GET / HTTP/1", ""), Error::kBadStartLine},
      {Head("GET / HTTP/1.10", ""), Error::kBadStartLine},
      {Head("G(T / HTTP/1.1", ""), Error::kBadStartLine},
      {Head("GET /\xc3\xa9 HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET / HTTP/1.2", ""), Error::kUnsupportedVersion},
      {Head("GET / HTTP/0.9", ""), Error::kUnsupportedVersion},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Error::kUnsupportedVersion},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Error::kBadStartLine},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", Error::kBadStartLine},
      {"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", Error::kBadStartLine},
      {"GET / HTTP/1.1\nHost: a\n\n", Error::kBadStartLine},
      {"GET / HTTP/1.1\r\nHost: a\n\r\n", Error::kBadStartLine},
      {"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", Error::kBadStartLine},
      {"\x16\x03\x01", Error::kBadStartLine},
  });
}

TEST(RequestReader, RefusesMethodsAndTargetsItDoesNotServe) {
  ExpectRefused({
      {Head("CONNECT a:443 HTTP/1.1", ""), Error::kUnsupportedMethod},
      {Head("CONNECT / HTTP/1.1", ""), Error::kUnsupportedMethod},
      {Head("GET * HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET a:80 HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET /#x HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET /a/../b HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET /%2e%2e/b HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET http://user@b/ HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET http://b:99999/ HTTP/1.1", ""), Error::kBadTarget},
      {Head("GET ftp://b/ HTTP/1.1", ""), Error::kBadTarget},
  });
}

TEST(RequestReader, RefusesAnythingButOneHost) {
  ExpectRefused({
      {"GET / HTTP/1.1\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.1\r\nHost: http://a\r\n\r\n", Error::kBadHost},
      {"GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", Error::kBadHost},
      {"GET http://b/ HTTP/1.1\r\n\r\n", Error::kBadHost},
      {"GET http://b/ HTTP/1.1\r\nHost: \x80\r\n\r\n", Error::kBadHost},
  });
}

TEST(RequestReader, RefusesBadFields) {
  ExpectRefused({
      {Head("GET / HTTP/1.1", "X : y\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X\t: y\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", ": y\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X Y: z\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X\x80: z\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X: a\r\n b\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X: a\r\n\tb\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X:\r\n b\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X:\r\n \r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X: a\r\n \r\n"), Error::kBadField},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", Error::kBadField},
      {Head("GET / HTTP/1.1", "X: a\rb\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", std::string("X: a\0b\r\n", 8)), Error::kBadField},
      {Head("GET / HTTP/1.1", std::string("X\0: ab\r\n", 8)), Error::kBadField},
      {Head("GET / HTTP/1.1", "X: a\x7f\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X: a\x1b\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "X: a\r\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "Connection: a=b\r\n"), Error::kBadField},
      {Head("GET / HTTP/1.1", "Connection: a" + std::string(2 * 32, ',') +
                                  "\r\nConnection: " + std::string("b,b,b,b,b,b,b,b,b,b,b,b,b,b,b,b,") +
                                  "b,b,b,b,b,b,b,b,b,b,b,b,b,b,b,b\r\n"),
       Error::kBadField},
      {Head("GET / HTTP/1.1", "X: " + std::string(6000, 'a') + "\r\n b\r\n"), Error::kBadField},
  });
}

TEST(RequestReader, RefusesAmbiguousBodies) {
  ExpectRefused({
      {Head("PUT / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 5\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: 5, 5\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: 5,\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length:\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: +5\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: -5\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: 0x5\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: 5 5\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: 18446744073709551616\r\n"), Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
       Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
       Error::kBadContentLength},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"),
       Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.0", "Transfer-Encoding: chunked\r\n"), Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: chunked, chunked\r\n"), Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: chunked, gzip\r\n"), Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: chunked,\r\n"), Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: ,chunked\r\n"), Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding:\r\n"), Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n"),
       Error::kBadTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n"), Error::kUnsupportedTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
       Error::kUnsupportedTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: identity\r\n"), Error::kUnsupportedTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: xchunked\r\n"), Error::kUnsupportedTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: \"chunked\"\r\n"), Error::kUnsupportedTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: chunked;q=1\r\n"), Error::kUnsupportedTransferEncoding},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding: chun\x0bked\r\n"), Error::kBadField},
      {Head("PUT / HTTP/1.1", "Transfer-Encoding:\r\n chunked\r\n"), Error::kBadField},
  });
}

TEST(RequestReader, RefusesUpgradesAndExpectationsItCannotMeet) {
  ExpectRefused({
      {Head("POST / HTTP/1.1", "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n"),
       Error::kBadUpgrade},
      {Head("POST / HTTP/1.1", "Connection: upgrade\r\nUpgrade: a\r\nTransfer-Encoding: chunked\r\n"),
       Error::kBadUpgrade},
      {Head("GET / HTTP/1.1", "Connection: upgrade\r\nUpgrade:\r\n"), Error::kBadUpgrade},
      {Head("GET / HTTP/1.1", "Connection: upgrade\r\nUpgrade: a b\r\n"), Error::kBadUpgrade},
      {Head("GET / HTTP/1.1", "Connection: upgrade\r\nUpgrade: a/\r\n"), Error::kBadUpgrade},
      {Head("GET / HTTP/1.1", "Connection: upgrade\r\nUpgrade: a/1/2\r\n"), Error::kBadUpgrade},
      {Head("PUT / HTTP/1.1", "Expect: 200-ok\r\n"), Error::kExpectationFailed},
      {Head("PUT / HTTP/1.1", "Expect: 100-continue\r\nExpect: x\r\n"), Error::kExpectationFailed},
      {Head("PUT / HTTP/1.1", "Expect: 100-continue, x\r\n"), Error::kExpectationFailed},
  });
}

TEST(RequestReader, KeepsToItsLimits) {
  const HeadLimits limits{.max_head_bytes = 100, .max_start_line_bytes = 30, .max_fields = 3};
  EXPECT_THAT(Read("GET /" + std::string(14, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits),
              HasSubstr("end"));
  EXPECT_EQ(Read("GET /" + std::string(15, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits),
            "error target_too_long\n");
  EXPECT_EQ(Read(std::string(200, 'a'), limits), "error target_too_long\n");
  EXPECT_EQ(Read(Head("GET / HTTP/1.1", "X: " + std::string(100, 'a') + "\r\n"), limits),
            "error head_too_large\n");
  EXPECT_THAT(Read(Head("GET / HTTP/1.1", "a: 1\r\nb: 2\r\n"), limits), HasSubstr("end"));
  EXPECT_EQ(Read(Head("GET / HTTP/1.1", "a: 1\r\nb: 2\r\nc: 3\r\n"), limits), "error too_many_fields\n");
}

TEST(Error, HasTheStatusThatTheRfcsGive) {
  EXPECT_EQ(StatusOf(Error::kBadHost), 400);
  EXPECT_EQ(StatusOf(Error::kTargetTooLong), 414);
  EXPECT_EQ(StatusOf(Error::kExpectationFailed), 417);
  EXPECT_EQ(StatusOf(Error::kHeadTooLarge), 431);
  EXPECT_EQ(StatusOf(Error::kTooManyFields), 431);
  EXPECT_EQ(StatusOf(Error::kUnsupportedMethod), 501);
  EXPECT_EQ(StatusOf(Error::kUnsupportedTransferEncoding), 501);
  EXPECT_EQ(StatusOf(Error::kUnsupportedVersion), 505);
}

}  // namespace
}  // namespace fairlead::http1
