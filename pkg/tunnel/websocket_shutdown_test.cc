#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/tunnel/websocket_test.h"

namespace fairlead::tunnel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using websocket::ClientFrame;
using websocket::ServerFrame;

class WebSocketShutdownTest : public WebSocketTest {
 protected:
  const CloseOrder restart_{
      .reason = telemetry::CloseReason::kDrained, .code = 1012, .text = "restart", .answer_time = seconds(5)};
  const std::string our_close_ = Close(1012, "restart");
};

TEST_F(WebSocketShutdownTest, TheClientIsToldFirstAndItsAnswerEndsTheBackend) {
  Open();
  tunnel_->Shut(restart_);
  EXPECT_EQ(ClientGot(), our_close_);
  EXPECT_EQ(BackendGot(), "");
  client_.Send(FromClient("last words"));
  EXPECT_EQ(BackendGot(), FromBackend("last words"));
  EXPECT_FALSE(client_.received_end());

  client_.Send(ClientClose(1012));
  EXPECT_EQ(BackendGot(), BackendClose(1012));
  EXPECT_TRUE(client_.received_end()) << "a server ends first";
  backend_.Send(BackendClose(1012));
  backend_.End();
  EXPECT_THAT(told_, IsEmpty());
  client_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
  EXPECT_EQ(ClientGot(), "");
  EXPECT_FALSE(client_.closed_by_reset());
  EXPECT_EQ(CountedCloses(12, telemetry::Initiator::kProxy), 1u);
}

TEST_F(WebSocketShutdownTest, WhatTheBackendSendsBehindItIsDroppedAndCounted) {
  Open();
  tunnel_->Shut(restart_);
  ClientGot();
  backend_.Send(FromBackend("too late"));
  EXPECT_EQ(ClientGot(), "");
  EXPECT_EQ(counted().websocket.dropped_bytes.value(), FromBackend("too late").size());
}

TEST_F(WebSocketShutdownTest, WaitsForTheEndOfAFrameNotOfAMessage) {
  Open();
  const std::string first = ServerFrame(Opcode::kText, "first fragment", false);
  backend_.Send(first.substr(0, 5));
  tunnel_->Shut(restart_);
  EXPECT_EQ(ClientGot(), first.substr(0, 5));
  backend_.Send(first.substr(5) + ServerFrame(Opcode::kContinuation, "second"));
  EXPECT_EQ(ClientGot(), first.substr(5) + our_close_);
}

TEST_F(WebSocketShutdownTest, AHeaderThatCameInPartIsNoFrameYet) {
  Open();
  backend_.Send(FromBackend("x").substr(0, 1));
  tunnel_->Shut(restart_);
  EXPECT_EQ(ClientGot(), our_close_);
  EXPECT_EQ(counted().websocket.dropped_bytes.value(), 1u);
}

TEST_F(WebSocketShutdownTest, AClientThatDoesNotAnswerIsLeftBehind) {
  Open();
  tunnel_->Shut(restart_);
  client_.Send(FromClient("still here"));
  Pass(milliseconds(4900));
  EXPECT_EQ(BackendGot(), FromBackend("still here"));
  Pass(milliseconds(200));
  EXPECT_EQ(BackendGot(), our_close_);
  EXPECT_TRUE(client_.received_end());
  backend_.Send(BackendClose(1012));
  backend_.End();
  EXPECT_THAT(told_, IsEmpty());
  Pass(seconds(2));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
  EXPECT_FALSE(client_.closed_by_reset());
  EXPECT_FALSE(backend_.closed_by_reset());
}

TEST_F(WebSocketShutdownTest, NothingIsPutIntoAFrameOfTheClient) {
  Open();
  tunnel_->Shut(restart_);
  const std::string half = FromClient("half a frame").substr(0, 9);
  client_.Send(half);
  Pass(milliseconds(5100));
  EXPECT_EQ(backend_.received(), half);
  EXPECT_TRUE(backend_.received_end()) << "there is no other way to say it";
}

TEST_F(WebSocketShutdownTest, AClientThatLeavesWithoutAnAnswerIsReportedToTheBackend) {
  Open();
  tunnel_->Shut(restart_);
  client_.End();
  EXPECT_EQ(BackendGot(), our_close_);
  backend_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
}

TEST_F(WebSocketShutdownTest, AClientThatResetsIsReportedToTheBackend) {
  Open();
  tunnel_->Shut(restart_);
  client_.Break(stream::Failure::kReset);
  EXPECT_EQ(BackendGot(), our_close_);
  backend_.End();
  Pass(seconds(2));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained)) << "the first cause stays";
}

TEST_F(WebSocketShutdownTest, ABackendThatBreaksEndsIt) {
  Open();
  tunnel_->Shut(restart_);
  backend_.Break(stream::Failure::kReset);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
  EXPECT_FALSE(client_.closed_by_reset());
}

TEST_F(WebSocketShutdownTest, ABackendThatEndsMeanwhileLeavesTheClientItsAnswer) {
  Open();
  tunnel_->Shut(restart_);
  backend_.End();
  EXPECT_TRUE(client_.received_end());
  client_.Send(ClientClose(1012));
  client_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
}

TEST_F(WebSocketShutdownTest, SidesThatAreClosingByThemselvesAreLeftToIt) {
  Open();
  client_.Send(ClientClose(1000));
  tunnel_->Shut(restart_);
  EXPECT_EQ(ClientGot(), "");
  backend_.Send(BackendClose(1000));
  EXPECT_EQ(ClientGot(), BackendClose(1000));
  backend_.End();
  client_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientClosed));
}

TEST_F(WebSocketShutdownTest, ButNotForLongerThanOthers) {
  Open();
  backend_.Send(BackendClose(1000));
  tunnel_->Shut(restart_);
  Pass(milliseconds(5100));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
}

TEST_F(WebSocketShutdownTest, AClientThatClosesWhileOursWaitsIsNotAnsweredTwice) {
  Open();
  backend_.Send(FromBackend("half").substr(0, 3));
  tunnel_->Shut(restart_);
  client_.Send(ClientClose(1000));
  EXPECT_EQ(BackendGot(), BackendClose(1000));
  backend_.Send(FromBackend("half").substr(3) + BackendClose(1000));
  EXPECT_EQ(ClientGot(), FromBackend("half") + BackendClose(1000));
}

TEST_F(WebSocketShutdownTest, TheFirstOrderStays) {
  Open();
  tunnel_->Shut(restart_);
  ClientGot();
  tunnel_->Shut({.reason = telemetry::CloseReason::kRequested, .code = 1000});
  EXPECT_EQ(ClientGot(), "");
}

TEST_F(WebSocketShutdownTest, AHalfClosedOneIsCutWithAWord) {
  Open();
  client_.End();
  tunnel_->Shut(restart_);
  EXPECT_EQ(ClientGot(), our_close_);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
}

TEST_F(WebSocketShutdownTest, CutTellsBothAndEndsAtOnce) {
  Open();
  tunnel_->Cut(restart_);
  EXPECT_EQ(ClientGot(), our_close_);
  EXPECT_EQ(BackendGot(), our_close_);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
}

TEST_F(WebSocketShutdownTest, CutDoesNotBreakIntoFrames) {
  Open();
  backend_.Send(FromBackend("half").substr(0, 3));
  tunnel_->Cut(restart_);
  EXPECT_EQ(ClientGot(), FromBackend("half").substr(0, 3));
  EXPECT_EQ(BackendGot(), our_close_);
}

TEST_F(WebSocketShutdownTest, CutBehindShutSaysNothingMore) {
  Open();
  tunnel_->Shut(restart_);
  ClientGot();
  tunnel_->Cut({.reason = telemetry::CloseReason::kDrainExpired, .code = 1001});
  EXPECT_EQ(ClientGot(), "");
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrainExpired));
}

TEST_F(WebSocketShutdownTest, IdleAndOldTunnelsAreClosedInOrder) {
  Open({}, {.idle = seconds(5)});
  Pass(milliseconds(5100));
  EXPECT_EQ(ClientGot(), Close(1001, "idle timeout"));
  client_.Send(ClientClose(1001));
  backend_.End();
  client_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kIdleTimeout));
}

TEST_F(WebSocketShutdownTest, AFullClientGetsItsCloseBehindWhatWaits) {
  Open();
  client_.SetRoom(0);
  backend_.Send(FromBackend("news"));
  tunnel_->Shut(restart_);
  EXPECT_TRUE(backend_.reading()) << "what it sends is dropped";
  client_.TakeAll();
  EXPECT_EQ(ClientGot(), FromBackend("news") + our_close_);
}

TEST_F(WebSocketShutdownTest, WhoBreaksOffInTheMiddleOfTlsHasEndedIt) {
  Open();
  backend_.Break(stream::Failure::kTruncated);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kBackendTruncated));
  EXPECT_EQ(CountedCloses(6, telemetry::Initiator::kBackend), 1u);
}

}  // namespace
}  // namespace fairlead::tunnel
