#include "pkg/proxy/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/proxy/session_test.h"

namespace fairlead::proxy {
namespace {

using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(SessionTest, AnswersPipelinedRequestsOneAfterTheOther) {
  Open();
  client_.Send(Get("/1") + Get("/2") + Get("/3"));
  EXPECT_EQ(CountInAnswer("HTTP/1.1 404 "), 3u);
  EXPECT_FALSE(client_.received_end());
  EXPECT_NE(session_, nullptr);
}

TEST_F(SessionTest, ARequestMayComeByteByByte) {
  Open();
  for (const char byte : Get("/x")) client_.Send(std::string(1, byte));
  EXPECT_EQ(CountInAnswer("HTTP/1.1 404 "), 1u);
}

TEST_F(SessionTest, AClientThatReadsNothingCannotPileUpAnswers) {
  Open();
  client_.SetRoom(0);
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += Get("/x");
  client_.Send(requests);
  client_.Send(requests);
  EXPECT_LT(client_.waiting(), 1000u) << "one answer waits, not two thousand";

  while (CountInAnswer("HTTP/1.1 404 ") < 2000 && client_.waiting() > 0) {
    client_.Take(client_.waiting());
    client_.Turn();
  }
  EXPECT_EQ(CountInAnswer("HTTP/1.1 404 "), 2000u) << "none is forgotten";
}

TEST_F(SessionTest, AHeadThatTakesTooLongIsA408) {
  Open();
  client_.Send("GET /x HTTP/1.1\r\n");
  for (int second = 0; second < 9; ++second) {
    Pass(seconds(1));
    client_.Send("X-Slow: 1\r\n");
  }
  EXPECT_THAT(client_.received(), IsEmpty());
  Pass(seconds(2));
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(client_.received_end());
}

TEST_F(SessionTest, AClientThatAsksNothingIsLetGoWithoutAWord) {
  Open();
  Pass(seconds(9));
  EXPECT_FALSE(client_.closed());
  Pass(seconds(2));
  EXPECT_TRUE(client_.closed());
  EXPECT_THAT(client_.received(), IsEmpty());
  EXPECT_EQ(gate_->connections().taken(), 0);
}

TEST_F(SessionTest, BetweenRequestsKeepAliveCounts) {
  Configure("keep_alive: 20s");
  Open();
  client_.Send(Get("/b"));
  loop::Peer backend = Accept();
  backend.Send("HTTP/1.1 204 No Content\r\n\r\n");
  AwaitAnswer("204");
  Pass(seconds(19));
  EXPECT_FALSE(client_.closed());
  Pass(seconds(2));
  EXPECT_TRUE(client_.closed());
}

TEST_F(SessionTest, TheNextHeadHasTheWholeTimeOfItsOwn) {
  Open();
  client_.Send(Get("/1"));
  Pass(seconds(59));
  client_.Send("GET /2 HTTP/1.1\r\n");
  Pass(seconds(9));
  client_.Send("Host: a\r\n\r\n");
  EXPECT_EQ(CountInAnswer("HTTP/1.1 404 "), 2u);
}

TEST_F(SessionTest, ARefusedHeadEndsTheConnectionWhenTheClientHasReadWhy) {
  Open();
  client_.SetRoom(10);
  client_.Send("GET /x HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(client_.closed());
  client_.Send("what it still sends is not looked at");
  client_.TakeAll();
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(client_.received(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client_.received_end());
  EXPECT_FALSE(client_.closed()) << "the client has not ended yet";
  client_.End();
  EXPECT_TRUE(client_.closed());
  EXPECT_FALSE(client_.closed_by_reset());
}

TEST_F(SessionTest, AClientThatNeverEndsIsNotWaitedForLong) {
  Open();
  client_.Send("no HTTP\r\n\r\n");
  Pass(seconds(4));
  client_.Send("chatter is no reason to stay");
  EXPECT_FALSE(client_.closed());
  Pass(seconds(2));
  EXPECT_TRUE(client_.closed());
}

TEST_F(SessionTest, AClientThatEndsBetweenRequestsIsGone) {
  Open();
  client_.Send(Get("/x"));
  client_.End();
  EXPECT_TRUE(client_.closed());
}

TEST_F(SessionTest, AClientThatEndsStillGetsTheAnswerThatIsOnItsWay) {
  Open();
  client_.SetRoom(0);
  client_.Send(Get("/x"));
  client_.End();
  EXPECT_FALSE(client_.closed());
  client_.TakeAll();
  EXPECT_THAT(client_.received(), EndsWith("No route matches this host and path.\n"));
  EXPECT_TRUE(client_.received_end());
  EXPECT_TRUE(client_.closed());
}

TEST_F(SessionTest, ABrokenConnectionIsGone) {
  Open();
  client_.Send(Get("/b"));
  client_.Break(stream::Failure::kReset);
  EXPECT_TRUE(client_.closed());
  EXPECT_EQ(session_, nullptr);
}

TEST_F(SessionTest, IsClosedAtOnceBetweenRequests) {
  Open();
  client_.Send(Get("/x"));
  session_->CloseIfIdle();
  EXPECT_TRUE(client_.closed());
}

TEST_F(SessionTest, AFirstRequestMayStillBeOnItsWay) {
  Open();
  keeps_alive_ = false;
  session_->CloseIfIdle();
  EXPECT_FALSE(client_.closed());
  client_.Send(Get("/x"));
  EXPECT_EQ(CountInAnswer("HTTP/1.1 404 "), 1u);
  EXPECT_TRUE(client_.received_end());
}

TEST_F(SessionTest, IsNotClosedBeforeItsLastAnswerIsRead) {
  Open();
  client_.SetRoom(0);
  client_.Send(Get("/x"));
  session_->CloseIfIdle();
  EXPECT_FALSE(client_.closed());
  client_.TakeAll();
  EXPECT_THAT(client_.received(), EndsWith("No route matches this host and path.\n"));
  EXPECT_TRUE(client_.received_end());
}

TEST_F(SessionTest, IsNotClosedInsideARequest) {
  Open();
  client_.Send("GET /x HTTP/1.1\r\n");
  session_->CloseIfIdle();
  EXPECT_FALSE(client_.closed());
}

TEST_F(SessionTest, ARequestOnARetiredListenerIsTheLastOne) {
  Open();
  keeps_alive_ = false;
  client_.Send(Get("/1") + Get("/2"));
  EXPECT_EQ(CountInAnswer("HTTP/1.1 404 "), 1u);
  EXPECT_THAT(client_.received(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client_.received_end());
}

TEST_F(SessionTest, InsideTheDrainWindowNewRequestsGoElsewhere) {
  Open();
  context_.stage = DrainStage::kWindow;
  client_.Send(Get("/b"));
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(client_.received(), HasSubstr("\r\nRetry-After: "));
  EXPECT_THAT(client_.received(), HasSubstr("\r\nConnection: close\r\n"));
}

TEST_F(SessionTest, BeforeTheDrainWindowEverythingIsServed) {
  Open();
  context_.stage = DrainStage::kDelay;
  client_.Send(Get("/x"));
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(client_.received(), Not(HasSubstr("\r\nConnection: close\r\n")));
}

TEST_F(SessionTest, HeadGetsNoBody) {
  Open();
  client_.Send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(client_.received(), EndsWith("\r\n\r\n"));
}

TEST_F(SessionTest, AListenerWithoutItsKeyServesNobody) {
  listener_keys_ = ", tls: {certificates: [{cert_file: /nonexistent, key_file: /nonexistent}]}";
  Configure("");
  Open();
  EXPECT_EQ(session_, nullptr);
  const auto reason = static_cast<size_t>(telemetry::ConnectionReject::kTlsNoKey);
  EXPECT_EQ(stats_.Listener("web")->connections_rejected[reason].value(), 1u);
}

}  // namespace
}  // namespace fairlead::proxy
