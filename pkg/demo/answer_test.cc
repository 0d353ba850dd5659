#include "pkg/demo/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/demo/page.h"
#include "pkg/http1/request_reader.h"

namespace fairlead::demo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Answer AnswerTo(std::string_view request) {
  http1::RequestReader reader(http1::HeadLimits{});
  EXPECT_EQ(reader.Next(&request), http1::Event::kHead);
  return AnswerRequest(reader.head(), "echo-1");
}

// The body that goes with the head, for methods that have one.
std::string_view BodyOf(std::string_view answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

TEST(AnswerRequest, ServesThePageAndNamesTheBackend) {
  const Answer answer = AnswerTo("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer.bytes, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer.bytes, HasSubstr("X-Backend: echo-1\r\n"));
  EXPECT_THAT(answer.bytes, HasSubstr("Content-Length: " + std::to_string(Page().size()) + "\r\n"));
  EXPECT_EQ(BodyOf(answer.bytes), Page());
  EXPECT_EQ(answer.then, Answer::Then::kNextRequest);
}

TEST(AnswerRequest, IgnoresTheQuery) {
  EXPECT_THAT(AnswerTo("GET /?a=b HTTP/1.1\r\nHost: a\r\n\r\n").bytes, StartsWith("HTTP/1.1 200 "));
}

TEST(AnswerRequest, AnswersHeadWithTheLengthAndNoBody) {
  const Answer answer = AnswerTo("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer.bytes, HasSubstr("Content-Length: " + std::to_string(Page().size()) + "\r\n"));
  EXPECT_THAT(answer.bytes, EndsWith("\r\n\r\n"));
}

TEST(AnswerRequest, RefusesOtherMethodsAndPaths) {
  const Answer post = AnswerTo("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(post.bytes, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(post.bytes, HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(AnswerTo("GET /wsx HTTP/1.1\r\nHost: a\r\n\r\n").bytes, StartsWith("HTTP/1.1 404 "));
}

TEST(AnswerRequest, UpgradesToWebSocket) {
  const Answer answer = AnswerTo(kUpgrade);
  EXPECT_EQ(answer.bytes,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-Backend: echo-1\r\n\r\n");
  EXPECT_EQ(answer.then, Answer::Then::kWebSocket);
}

TEST(AnswerRequest, AsksWhoWantsNoWebSocketToUpgrade) {
  const Answer answer = AnswerTo("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer.bytes, StartsWith("HTTP/1.1 426 Upgrade Required\r\n"));
  EXPECT_THAT(answer.bytes, HasSubstr("Upgrade: websocket\r\n"));
  EXPECT_THAT(answer.bytes, HasSubstr("Connection: upgrade\r\n"));
  EXPECT_EQ(answer.then, Answer::Then::kNextRequest);
}

TEST(AnswerRequest, RefusesAnIncompleteHandshake) {
  std::string old(kUpgrade);
  old.replace(old.find("13"), 2, "12");
  EXPECT_THAT(AnswerTo(old).bytes, StartsWith("HTTP/1.1 426 "));
  EXPECT_THAT(AnswerTo(old).bytes, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  std::string no_key(kUpgrade);
  no_key.replace(no_key.find("Sec-WebSocket-Key"), 17, "X-WebSocket-Nokey");
  EXPECT_THAT(AnswerTo(no_key).bytes, StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(AnswerTo(no_key).then, Answer::Then::kNextRequest);
}

TEST(AnswerRequest, SaysWhetherTheConnectionGoesOn) {
  const Answer closing = AnswerTo("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(closing.bytes, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(closing.then, Answer::Then::kClose);
  EXPECT_EQ(AnswerTo("GET / HTTP/1.0\r\n\r\n").then, Answer::Then::kClose);
  const Answer old = AnswerTo("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(old.bytes, HasSubstr("Connection: keep-alive\r\n"));
  EXPECT_EQ(old.then, Answer::Then::kNextRequest);
}

TEST(AnswerError, ClosesWithTheStatusOfTheError) {
  const Answer answer = AnswerError(http1::Error::kTargetTooLong, "echo-1");
  EXPECT_THAT(answer.bytes, StartsWith("HTTP/1.1 414 "));
  EXPECT_THAT(answer.bytes, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(answer.then, Answer::Then::kClose);
}

TEST(Page, FetchesNothingFromElsewhere) {
  const std::string page(Page());
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, Not(HasSubstr("href=\"http")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(page, Not(HasSubstr("url(")));
}

}  // namespace
}  // namespace fairlead::demo
