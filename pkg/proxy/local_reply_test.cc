#include "pkg/proxy/local_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fairlead::proxy {
namespace {

using telemetry::RejectReason;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(ReplyTo, NamesAStatusAReasonAndASentenceForEveryError) {
  for (int i = 1; i <= static_cast<int>(http1::Error::kTruncated); ++i) {
    const auto error = static_cast<http1::Error>(i);
    const LocalReply reply = ReplyTo(error);
    EXPECT_EQ(reply.status, http1::StatusOf(error)) << http1::ToString(error);
    EXPECT_THAT(std::string(reply.text), EndsWith(".")) << http1::ToString(error);
  }
}

TEST(ReplyTo, TellsReasonsApart) {
  EXPECT_EQ(ReplyTo(http1::Error::kBadHost).reason, RejectReason::kBadRequest);
  EXPECT_EQ(ReplyTo(http1::Error::kTargetTooLong).reason, RejectReason::kTooLarge);
  EXPECT_EQ(ReplyTo(http1::Error::kHeadTooLarge).reason, RejectReason::kTooLarge);
  EXPECT_EQ(ReplyTo(http1::Error::kUnsupportedVersion).reason, RejectReason::kUnsupported);
}

TEST(ReplyTo, ADialThatFailedIsTheBackendsFaultOrItsAbsence) {
  EXPECT_EQ(ReplyTo(upstream::DialFailure::kNoEndpoint).status, 503);
  EXPECT_EQ(ReplyTo(upstream::DialFailure::kExhausted).status, 503);
  EXPECT_EQ(ReplyTo(upstream::DialFailure::kConnectFailed).status, 502);
  EXPECT_EQ(ReplyTo(upstream::DialFailure::kConnectTimeout).status, 504);
}

TEST(ReplyTo, ABackendThatFailedIsABadGateway) {
  for (const RejectReason reason :
       {RejectReason::kBadUpgrade, RejectReason::kBadResponse, RejectReason::kBackendClosed}) {
    EXPECT_EQ(ReplyTo(reason).status, 502);
    EXPECT_EQ(ReplyTo(reason).reason, reason);
  }
}

TEST(Render, IsAWholeAnswer) {
  EXPECT_EQ(Render(kNoRoute, "0123", /*head_only=*/false, /*close=*/true, 0),
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 37\r\n"
            "X-Request-Id: 0123\r\nConnection: close\r\n\r\nNo route matches this host and path.\n");
}

TEST(Render, AnswersHeadWithTheHeadAlone) {
  const std::string answer = Render(kNoRoute, "0123", /*head_only=*/true, /*close=*/false, 0);
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 37\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Connection:")));
}

TEST(Render, SaysWhenToComeBack) {
  EXPECT_THAT(Render(kDraining, "", false, true, 3), HasSubstr("\r\nRetry-After: 3\r\n"));
  EXPECT_THAT(Render(kDraining, "", false, true, 0), Not(HasSubstr("Retry-After")));
}

TEST(Render, NamesTheWebSocketVersionThatIsSpoken) {
  const std::string answer =
      Render(ReplyTo(websocket::RequestCheck::kBadVersion), "", false, /*close=*/true, 0);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 426 Upgrade Required\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nSec-WebSocket-Version: 13\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nUpgrade: websocket\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: upgrade, close\r\n"));
}

TEST(RenderRedirect, HasALocationAndNoBody) {
  EXPECT_EQ(RenderRedirect(308, "https://a.example.com/b", "0123", /*close=*/false),
            "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://a.example.com/b\r\nContent-Length: 0\r\n"
            "X-Request-Id: 0123\r\n\r\n");
  EXPECT_THAT(RenderRedirect(301, "/", "0123", /*close=*/true), HasSubstr("\r\nConnection: close\r\n"));
}

}  // namespace
}  // namespace fairlead::proxy
