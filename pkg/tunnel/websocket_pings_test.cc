#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/tunnel/websocket_test.h"

namespace fairlead::tunnel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using websocket::ClientFrame;
using websocket::ServerFrame;

class WebSocketPingsTest : public WebSocketTest {
 protected:
  static constexpr websocket::Rules kClient{
      .ping_interval = seconds(30), .ping_timeout = seconds(20), .ping_client = true};
  static constexpr websocket::Rules kBoth{
      .ping_interval = seconds(30), .ping_timeout = seconds(20), .ping_client = true, .ping_backend = true};

  // The payload of the ping that is all that came; "" where something else did.
  static std::string PingIn(const std::string& got) {
    return got.size() > 2 && got[0] == '\x89' && got.size() == 2u + got[1] ? got.substr(2) : "";
  }
  void AnswerAsClient() {
    const std::string ping = PingIn(ClientGot());
    if (!ping.empty()) client_.Send(ClientFrame(Opcode::kPong, ping));
  }
  uint64_t ClientRoundTrips() {
    uint64_t sum = 0;
    const telemetry::Histogram& rtt = stats_.instruments().client_ping_rtt;
    for (size_t i = 0; i <= rtt.bounds().size(); ++i) sum += rtt.count(i);
    return sum;
  }
};

TEST_F(WebSocketPingsTest, ASilentClientIsPinged) {
  Open(kClient);
  Pass(milliseconds(29900));
  EXPECT_EQ(ClientGot(), "");
  Pass(milliseconds(200));
  EXPECT_EQ(PingIn(ClientGot()).size(), 8u);
  EXPECT_EQ(BackendGot(), "");
}

TEST_F(WebSocketPingsTest, ThePongIsSwallowedAndMeasured) {
  Open(kClient);
  Pass(seconds(30));
  const std::string ping = PingIn(ClientGot());
  Pass(milliseconds(40));
  client_.Send(FromClient("a") + ClientFrame(Opcode::kPong, ping) + FromClient("b"));
  EXPECT_EQ(BackendGot(), FromBackend("a") + FromBackend("b"));
  EXPECT_EQ(ClientRoundTrips(), 1u);
  EXPECT_NEAR(stats_.instruments().client_ping_rtt.sum(), 0.04, 1e-9);
  EXPECT_EQ(tunnel_->conversation()->client_ping_rtt, milliseconds(40));
  EXPECT_EQ(tunnel_->conversation()->backend_ping_rtt, milliseconds(0)) << "was not asked";
}

TEST_F(WebSocketPingsTest, AnsweredPingsComeAtTheirIntervalHoweverLongTheTimeout) {
  Open({.ping_interval = seconds(1), .ping_timeout = seconds(20), .ping_client = true});
  for (int i = 0; i < 30; ++i) {
    Pass(milliseconds(300));
    AnswerAsClient();
  }
  EXPECT_GE(ClientRoundTrips(), 6u);
  Pass(seconds(19));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(WebSocketPingsTest, APongInPiecesIsSwallowedToo) {
  Open(kClient);
  Pass(seconds(30));
  const std::string pong = ClientFrame(Opcode::kPong, PingIn(ClientGot()));
  for (const char byte : pong) client_.Send(std::string(1, byte));
  EXPECT_EQ(BackendGot(), "");
  EXPECT_EQ(ClientRoundTrips(), 1u);
}

TEST_F(WebSocketPingsTest, AnIdleTunnelThatAnswersIsNeverCut) {
  Open(kBoth);
  for (int second = 0; second < 3600; ++second) {
    Advance(seconds(1));
    AnswerAsClient();
    const std::string ping = PingIn(BackendGot());
    if (!ping.empty()) backend_.Send(ServerFrame(Opcode::kPong, ping));
  }
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_GE(ClientRoundTrips(), 100u);
  EXPECT_EQ(client_.received().size() % 10, 0u) << "pings and nothing else";
}

TEST_F(WebSocketPingsTest, ASilentClientIsDeadAtTheDeadline) {
  Open(kClient);
  Pass(milliseconds(49800));
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_EQ(BackendGot(), "");
  Pass(milliseconds(400));
  EXPECT_EQ(BackendGot(), Close(1001, "the client answers no pings"));
  backend_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDeadPeer));
  EXPECT_TRUE(client_.closed_by_reset());
  EXPECT_FALSE(backend_.closed_by_reset());
  EXPECT_EQ(CountedClosed(CloseReason::kDeadPeer), 1u);
  EXPECT_EQ(CountedClosed(CloseReason::kIdleTimeout), 0u);
}

TEST_F(WebSocketPingsTest, ASilentBackendIsDeadAtTheDeadline) {
  Open({.ping_interval = seconds(30), .ping_timeout = seconds(20), .ping_backend = true});
  Pass(seconds(31));
  EXPECT_EQ(PingIn(BackendGot()).size(), 8u);
  Pass(milliseconds(19200));
  EXPECT_EQ(ClientGot(), Close(1001, "the backend answers no pings"));
  EXPECT_TRUE(client_.received_end());
  Pass(seconds(2));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDeadPeer));
}

TEST_F(WebSocketPingsTest, AnyByteIsLife) {
  Open(kClient);
  Pass(seconds(45));
  client_.Send(FromClient("x").substr(0, 1));
  Pass(seconds(20));
  EXPECT_THAT(told_, IsEmpty());
  Pass(seconds(33));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDeadPeer));
}

TEST_F(WebSocketPingsTest, AByteInTheInstantOfThePingIsLife) {
  Open(kClient);
  while (ClientGot().empty()) Advance(base::DeadlineWheel::kTick);
  client_.Send(FromClient("x"));
  Pass(seconds(45));
  EXPECT_THAT(told_, IsEmpty());
  Pass(seconds(8));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDeadPeer));
}

TEST_F(WebSocketPingsTest, TheOtherSidesBytesAreNoLifeOfTheClient) {
  Open(kClient);
  for (int second = 0; second < 53; ++second) {
    backend_.Send(FromBackend("news"));
    Pass(seconds(1));
  }
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDeadPeer));
}

TEST_F(WebSocketPingsTest, ForeignPongsPass) {
  Open(kClient);
  Pass(seconds(30));
  PingIn(ClientGot());
  client_.Send(ClientFrame(Opcode::kPong, "foreign!"));
  EXPECT_EQ(BackendGot(), ServerFrame(Opcode::kPong, "foreign!"));
  EXPECT_EQ(ClientRoundTrips(), 0u);
}

TEST_F(WebSocketPingsTest, ALatePongIsSwallowedAndNotMeasured) {
  Open(kClient);
  Pass(seconds(30));
  const std::string first = PingIn(ClientGot());
  client_.Send(FromClient("alive"));
  BackendGot();
  Pass(seconds(30));
  EXPECT_NE(PingIn(ClientGot()), first);
  client_.Send(ClientFrame(Opcode::kPong, first));
  EXPECT_EQ(BackendGot(), "");
  EXPECT_EQ(ClientRoundTrips(), 0u);
}

TEST_F(WebSocketPingsTest, WaitsWhileARelayedPingWaitsForItsPong) {
  Open(kClient);
  backend_.Send(ServerFrame(Opcode::kPing, "one") + ServerFrame(Opcode::kPing, "two"));
  client_.Send(ClientFrame(Opcode::kPong, "one"));
  ClientGot();
  Pass(seconds(31));
  EXPECT_EQ(ClientGot(), "") << "two is not answered yet";
  client_.Send(ClientFrame(Opcode::kPong, "two"));
  Pass(seconds(31));
  EXPECT_EQ(PingIn(ClientGot()).size(), 8u);
}

TEST_F(WebSocketPingsTest, ARelayedPingIsAsGoodAsOurs) {
  Open(kClient);
  backend_.Send(ServerFrame(Opcode::kPing, "one"));
  ClientGot();
  Pass(seconds(53));
  EXPECT_EQ(ClientGot(), "");
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDeadPeer));
}

TEST_F(WebSocketPingsTest, WaitsForABoundary) {
  Open(kClient);
  const std::string frame = FromBackend("a frame that takes long");
  Pass(seconds(29));
  backend_.Send(frame.substr(0, 5));
  Pass(seconds(5));
  EXPECT_EQ(ClientGot(), frame.substr(0, 5));
  backend_.Send(frame.substr(5) + FromBackend("next"));
  EXPECT_THAT(ClientGot(), StartsWith(frame.substr(5) + "\x89\x08"));
}

TEST_F(WebSocketPingsTest, AClientThatStillTakesOlderBytesIsAlive) {
  Open(kClient);
  client_.SetInFlight(100000);
  Pass(milliseconds(30100));
  client_.SetInFlight(60000);
  Pass(milliseconds(20100));
  EXPECT_THAT(told_, IsEmpty()) << "it may not have got as far as the ping";
  EXPECT_EQ(BackendGot(), "");
  Pass(milliseconds(20200));
  EXPECT_EQ(BackendGot(), Close(1001, "the client answers no pings")) << "it takes nothing any more";
}

TEST_F(WebSocketPingsTest, OurPingsAndTheirPongsAreNoActivity) {
  Open(kClient, {.idle = seconds(100)});
  for (int second = 0; second < 99; ++second) {
    Pass(seconds(1));
    AnswerAsClient();
  }
  EXPECT_THAT(told_, IsEmpty());
  Pass(milliseconds(1100));
  EXPECT_EQ(ClientGot(), Close(1001, "idle timeout"));
}

TEST_F(WebSocketPingsTest, NobodyIsPingedBehindAClose) {
  Open(kBoth);
  client_.Send(ClientClose(1000));
  BackendGot();
  Pass(hours(1));
  EXPECT_EQ(ClientGot(), "");
  EXPECT_EQ(BackendGot(), "");
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(WebSocketPingsTest, NobodyIsPingedOnceASideHasEnded) {
  Open(kBoth);
  client_.End();
  Pass(hours(1));
  EXPECT_EQ(ClientGot(), "");
  EXPECT_EQ(BackendGot(), "");
}

TEST_F(WebSocketPingsTest, ATransparentTunnelIsNotPinged) {
  Open(kBoth);
  client_.Send("nonsense");
  Pass(hours(1));
  EXPECT_EQ(ClientGot(), "");
}

TEST_F(WebSocketPingsTest, WithoutAnIntervalNobodyIsPinged) {
  Open({.ping_timeout = seconds(20), .ping_client = true});
  Pass(hours(1));
  EXPECT_EQ(ClientGot(), "");
  EXPECT_EQ(wheel_.NextDue(), std::nullopt);
}

}  // namespace
}  // namespace fairlead::tunnel
