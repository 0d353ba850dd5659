#include "pkg/tunnel/tunnel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/tunnel/tunnel_test.h"

namespace fairlead::tunnel {
namespace {

using stream::Failure;
using stream::PauseReason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(TunnelTest, RelaysBothWaysAndCounts) {
  Open();
  client_.Send("ping");
  backend_.Send("pong!");
  client_.Send("again");
  EXPECT_EQ(backend_.received(), "pingagain");
  EXPECT_EQ(client_.received(), "pong!");
  EXPECT_EQ(tunnel_->bytes_from_client(), 9u);
  EXPECT_EQ(tunnel_->bytes_from_backend(), 5u);
  EXPECT_EQ(counted().bytes_received.value(), 9u);
  EXPECT_EQ(counted().bytes_sent.value(), 5u);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(TunnelTest, AFullBackendPausesTheClientAlone) {
  Open();
  backend_.SetRoom(3);
  client_.Send("abcdef");
  EXPECT_TRUE(client_.paused(PauseReason::kPeerFull));
  EXPECT_FALSE(backend_.paused(PauseReason::kPeerFull));
  EXPECT_EQ(tunnel_->buffered(), 3u);
  backend_.Send("still heard");
  EXPECT_EQ(client_.received(), "still heard");

  backend_.Take(2);
  EXPECT_TRUE(client_.paused(PauseReason::kPeerFull)) << "one byte still waits";
  backend_.Take(1);
  EXPECT_TRUE(client_.reading());
  EXPECT_EQ(backend_.received(), "abcdef");
}

TEST_F(TunnelTest, AFullClientPausesTheBackendAlone) {
  Open();
  client_.SetRoom(0);
  backend_.Send("news");
  EXPECT_FALSE(backend_.reading());
  EXPECT_TRUE(client_.reading());
  client_.TakeAll();
  EXPECT_TRUE(backend_.reading());
  EXPECT_EQ(client_.received(), "news");
}

TEST_F(TunnelTest, HoldsOneReadForAPeerThatNeverReads) {
  Open();
  backend_.SetRoom(0);
  for (int i = 0; i < 100; ++i) client_.Send(std::string(1000, 'x'));
  EXPECT_EQ(tunnel_->buffered(), 1000u);
  EXPECT_EQ(tunnel_->bytes_from_client(), 1000u);
  backend_.TakeAll();
  client_.Turn();
  EXPECT_EQ(backend_.received().size(), 100000u);
}

TEST_F(TunnelTest, AHalfCloseCrossesBehindTheLastByte) {
  Open();
  backend_.SetRoom(1);
  client_.Send("ab");
  client_.End();
  EXPECT_FALSE(backend_.received_end());
  backend_.TakeAll();
  EXPECT_FALSE(backend_.received_end()) << "the end was not read while the client was paused";
  client_.Turn();
  EXPECT_EQ(backend_.received(), "ab");
  EXPECT_TRUE(backend_.received_end());
  EXPECT_FALSE(tunnel_->closed());

  backend_.Send("late answer");
  EXPECT_EQ(client_.received(), "late answer");
  EXPECT_FALSE(client_.received_end());
}

TEST_F(TunnelTest, ABackendThatEndsLeavesTheOtherDirectionOpen) {
  Open();
  backend_.End();
  EXPECT_TRUE(client_.received_end());
  client_.Send("still talking");
  EXPECT_EQ(backend_.received(), "still talking");
  EXPECT_FALSE(tunnel_->closed());
}

TEST_F(TunnelTest, IsClosedByWhoEndedFirst) {
  Open();
  client_.End();
  backend_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientClosed));
  EXPECT_TRUE(client_.closed());
  EXPECT_TRUE(backend_.closed());
  EXPECT_FALSE(client_.closed_by_reset());
}

TEST_F(TunnelTest, IsClosedByTheBackendWhereThatEndedFirst) {
  Open();
  backend_.End();
  client_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kBackendClosed));
}

TEST_F(TunnelTest, DeliversTheLastBytesBeforeItCloses) {
  Open();
  client_.SetRoom(0);
  backend_.Send("goodbye");
  client_.End();
  EXPECT_FALSE(tunnel_->closed());
  client_.Take(3);
  client_.Take(4);
  backend_.End();
  EXPECT_EQ(client_.received(), "goodbye");
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientClosed));
}

TEST_F(TunnelTest, WaitsForTheLastByteWhenBothHaveEnded) {
  backend_.SetRoom(2);
  Open({}, {.from_client = "goodbye", .client_ended = true});
  backend_.End();
  EXPECT_FALSE(tunnel_->closed());
  EXPECT_FALSE(backend_.received_end());
  backend_.TakeAll();
  EXPECT_EQ(backend_.received(), "goodbye");
  EXPECT_TRUE(backend_.received_end());
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientClosed));
}

TEST_F(TunnelTest, AResetCrossesAsAReset) {
  Open();
  client_.Break(Failure::kReset);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientReset));
  EXPECT_TRUE(backend_.closed_by_reset());
}

TEST_F(TunnelTest, ABackendsResetReachesTheClient) {
  Open();
  backend_.Break(Failure::kReset);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kBackendReset));
  EXPECT_TRUE(client_.closed_by_reset());
}

TEST_F(TunnelTest, TellsWhoseConnectionFailedHow) {
  Open();
  client_.Break(Failure::kTimeout);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientTimeout));
  EXPECT_TRUE(backend_.closed_by_reset());
}

TEST_F(TunnelTest, TellsTheBackendsFailuresApart) {
  Open();
  backend_.Break(Failure::kOther);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kBackendError));
  EXPECT_TRUE(client_.closed());
}

TEST_F(TunnelTest, ATruncatedConnectionIsNoOrderlyEnd) {
  Open();
  client_.Break(Failure::kTruncated);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientTruncated));
  EXPECT_TRUE(backend_.closed_by_reset());
}

TEST_F(TunnelTest, WhatCameBeforeATruncationArrivesBeforeTheReset) {
  Open();
  client_.Send("the last words");
  backend_.SetInFlight(14);
  client_.Break(Failure::kTruncated);
  Advance(base::Duration(1000));
  EXPECT_FALSE(tunnel_->closed());
  EXPECT_FALSE(backend_.reading()) << "nobody hears it";
  backend_.SetInFlight(0);
  Advance(base::Duration(100));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientTruncated));
  EXPECT_TRUE(backend_.closed_by_reset());
}

TEST_F(TunnelTest, ItIsNotWaitedForForEver) {
  Open({.half_closed = base::Duration(5000)});
  client_.Send("the last words");
  backend_.SetInFlight(14);
  client_.Break(Failure::kTruncated);
  Advance(base::Duration(4900));
  EXPECT_FALSE(tunnel_->closed());
  Advance(base::Duration(200));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientTruncated));
}

TEST_F(TunnelTest, BothMayBeTruncated) {
  Open();
  backend_.SetInFlight(14);
  client_.Break(Failure::kTruncated);
  backend_.Break(Failure::kTruncated);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientTruncated));
}

TEST_F(TunnelTest, WhoIsToldTheEndMayLeaveWithoutAWord) {
  Open();
  backend_.End();
  client_.Break(Failure::kTruncated);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kBackendClosed));
  EXPECT_FALSE(backend_.closed_by_reset());
}

TEST_F(TunnelTest, ABrokenProtocolIsNoOrderlyEnd) {
  Open();
  backend_.Break(Failure::kProtocol);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kBackendTlsError));
  EXPECT_TRUE(client_.closed_by_reset());
}

TEST_F(TunnelTest, CarriesWhatWasReadDuringTheHandshake) {
  Open({}, {.from_client = "eager", .from_backend = "greeting"});
  EXPECT_EQ(backend_.received(), "eager");
  EXPECT_EQ(client_.received(), "greeting");
  EXPECT_EQ(tunnel_->bytes_from_client(), 5u);
  EXPECT_EQ(tunnel_->bytes_from_backend(), 8u);
  client_.Send(" and more");
  EXPECT_EQ(backend_.received(), "eager and more");
}

TEST_F(TunnelTest, HoldsTheClientWhileItsEarlyBytesWait) {
  backend_.SetRoom(2);
  Open({}, {.from_client = "eager"});
  EXPECT_FALSE(client_.reading());
  backend_.TakeAll();
  EXPECT_TRUE(client_.reading());
  EXPECT_EQ(backend_.received(), "eager");
}

TEST_F(TunnelTest, AClientThatEndedDuringTheHandshakeIsHalfClosed) {
  Open({}, {.from_client = "all I have", .client_ended = true});
  EXPECT_EQ(backend_.received(), "all I have");
  EXPECT_TRUE(backend_.received_end());
  EXPECT_FALSE(tunnel_->closed());
  backend_.Send("answer");
  backend_.End();
  EXPECT_EQ(client_.received(), "answer");
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientClosed));
}

TEST_F(TunnelTest, TheFirstReasonStays) {
  Open();
  tunnel_->Close(CloseReason::kDrained);
  tunnel_->Close(CloseReason::kDrainExpired);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
  EXPECT_EQ(tunnel_->reason(), CloseReason::kDrained);
  EXPECT_EQ(CountedClosed(CloseReason::kDrained), 1u);
  EXPECT_EQ(CountedClosed(CloseReason::kDrainExpired), 0u);
}

TEST_F(TunnelTest, GivesBackEverythingOnceWhenItCloses) {
  Open();
  EXPECT_EQ(open_tunnels(), 1);
  EXPECT_EQ(endpoint_->open_tunnels(), 1u);
  EXPECT_EQ(gate_->connections().taken(), 1);
  EXPECT_EQ(stats_.Listener("web")->open_connections.value(), 1);

  client_.Break(Failure::kReset);
  EXPECT_EQ(open_tunnels(), 0);
  EXPECT_EQ(gate_->connections().taken(), 0) << "the place is free at once, not when the tunnel is buried";
  EXPECT_EQ(stats_.Listener("web")->open_connections.value(), 0);
  EXPECT_EQ(CountedClosed(CloseReason::kClientReset), 1u);

  tunnel_.reset();
  EXPECT_EQ(endpoint_->open_tunnels(), 0u);
  EXPECT_EQ(endpoint_->active(), 0u);
  EXPECT_EQ(gate_->connections().taken(), 0);
  EXPECT_EQ(open_tunnels(), 0);
}

TEST_F(TunnelTest, KeepsWhatTheLogWillSay) {
  Open();
  client_.Break(Failure::kReset);
  EXPECT_EQ(tunnel_->handshake().path, "/ws");
  EXPECT_EQ(tunnel_->stats().labels().listener, "web");
  EXPECT_EQ(tunnel_->endpoint().label(), "chat-0");
}

}  // namespace
}  // namespace fairlead::tunnel
