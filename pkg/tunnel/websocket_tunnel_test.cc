#include "pkg/tunnel/websocket_tunnel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/tunnel/websocket_test.h"

namespace fairlead::tunnel {
namespace {

using telemetry::MessageKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using websocket::ClientFrame;
using websocket::ServerFrame;

const CloseOrder kRestart{.reason = telemetry::CloseReason::kDrained, .code = 1012};

std::string Everything(websocket::Sender sender) {
  using websocket::Frame;
  using websocket::Opcode;
  return Frame(sender, Opcode::kText, "hello") + Frame(sender, Opcode::kPing, "p") +
         Frame(sender, Opcode::kBinary, std::string(300, 'b'), false) + Frame(sender, Opcode::kPong, "q") +
         Frame(sender, Opcode::kContinuation, "") + Frame(sender, Opcode::kText, std::string(70000, 't')) +
         Frame(sender, Opcode::kClose, "\x03\xE8");
}

TEST_F(WebSocketTest, RelaysEveryFrameAsItCame) {
  Open();
  client_.Send(Everything(websocket::Sender::kClient));
  backend_.Send(Everything(websocket::Sender::kServer));
  EXPECT_EQ(backend_.received(), Everything(websocket::Sender::kClient));
  EXPECT_EQ(client_.received(), Everything(websocket::Sender::kServer));
  EXPECT_FALSE(websocket_->transparent());
}

TEST_F(WebSocketTest, RelaysThemHoweverTheyAreCut) {
  Open();
  std::string all = Everything(websocket::Sender::kClient);
  all.resize(all.size() - 8);  // without the Close
  for (const size_t step : {1, 2, 3, 7, 100}) {
    const size_t before = backend_.received().size();
    for (size_t at = 0; at < all.size(); at += step) client_.Send(all.substr(at, step));
    EXPECT_TRUE(backend_.received().substr(before) == all) << step;
    EXPECT_FALSE(websocket_->transparent());
  }
}

TEST_F(WebSocketTest, CountsMessagesByKindAndDirection) {
  Open();
  client_.Send(Everything(websocket::Sender::kClient));
  backend_.Send(FromBackend("abc") + FromBackend(""));
  const auto& websocket = counted().websocket;
  EXPECT_EQ(Messages(websocket.received, MessageKind::kText), 2u);
  EXPECT_EQ(Messages(websocket.received, MessageKind::kBinary), 1u);
  EXPECT_EQ(Messages(websocket.received, MessageKind::kPing), 1u);
  EXPECT_EQ(Messages(websocket.received, MessageKind::kPong), 1u);
  EXPECT_EQ(Messages(websocket.received, MessageKind::kClose), 1u);
  EXPECT_EQ(websocket.received[static_cast<size_t>(MessageKind::kText)].bytes(), 70005u);
  EXPECT_EQ(websocket.received[static_cast<size_t>(MessageKind::kBinary)].bytes(), 300u);
  EXPECT_EQ(Messages(websocket.sent, MessageKind::kText), 2u);
  EXPECT_EQ(tunnel_->conversation()->messages_from_client, 3u);
  EXPECT_EQ(tunnel_->conversation()->messages_from_backend, 2u);
}

TEST_F(WebSocketTest, CountsMessagesAlikeHoweverTheyAreRead) {
  Open();
  const auto bytes = [&](MessageKind kind) {
    return counted().websocket.received[static_cast<size_t>(kind)].bytes();
  };
  std::string all;
  for (const size_t size : {0, 1, 64, 65, 125, 126, 300, 65535, 65536}) {
    for (const Opcode opcode : {Opcode::kText, Opcode::kBinary}) {
      const std::string frame = ClientFrame(opcode, std::string(size, 'x'));
      client_.Send(frame);  // each in one read,
      client_.Send(frame.substr(0, 5));
      client_.Send(frame.substr(5));  // in two,
      all += frame;
    }
  }
  client_.Send(all);  // and all in one
  EXPECT_TRUE(backend_.received().ends_with(all));
  for (const MessageKind kind : {MessageKind::kText, MessageKind::kBinary}) {
    EXPECT_EQ(Messages(counted().websocket.received, kind), 3 * 9u);
    EXPECT_EQ(bytes(kind), 3 * (0 + 1 + 64 + 65 + 125 + 126 + 300 + 65535 + 65536u));
  }
  EXPECT_EQ(tunnel_->conversation()->messages_from_client, 2 * 3 * 9u);
  EXPECT_EQ(counted().bytes_received.value(), tunnel_->bytes_from_client());
  EXPECT_EQ(counted().bytes_received.value(), backend_.received().size());
}

TEST_F(WebSocketTest, AWholeMessageInsideAnotherIsNonsense) {
  Open();
  client_.Send(ClientFrame(Opcode::kText, "fragment", false));
  client_.Send(FromClient("whole"));
  EXPECT_TRUE(websocket_->transparent());
}

TEST_F(WebSocketTest, AWholeMessageBehindACloseIsNone) {
  Open();
  client_.Send(ClientClose(1000));
  client_.Send(FromClient("late"));
  EXPECT_EQ(BackendGot(), Close(1000, "") + FromBackend("late"));
  EXPECT_EQ(tunnel_->conversation()->messages_from_client, 0u);
}

TEST_F(WebSocketTest, TheFirstCloseSaysWhoEndedItAndWhy) {
  Open();
  backend_.Send(BackendClose(4001));
  client_.Send(ClientClose(1000));
  backend_.End();
  client_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kBackendClosed));
  EXPECT_EQ(tunnel_->conversation()->close_code, 4001);
  EXPECT_EQ(tunnel_->conversation()->close_initiator, telemetry::Initiator::kBackend);
  EXPECT_EQ(CountedCloses(17, telemetry::Initiator::kBackend), 1u);
}

TEST_F(WebSocketTest, AnEndWithoutACloseIs1006) {
  Open();
  client_.Break(stream::Failure::kReset);
  EXPECT_EQ(tunnel_->conversation()->close_code, 1006);
  EXPECT_EQ(CountedCloses(6, telemetry::Initiator::kClient), 1u);
}

TEST_F(WebSocketTest, ACloseWithoutACodeIs1005) {
  Open();
  client_.Send(ClientFrame(Opcode::kClose, ""));
  backend_.Break(stream::Failure::kReset);
  EXPECT_EQ(CountedCloses(5, telemetry::Initiator::kClient), 1u);
}

TEST_F(WebSocketTest, WhoSentItsCloseHasHalfClosed) {
  Open({}, {.half_closed = std::chrono::seconds(3)});
  client_.Send(ClientClose(1000));
  Pass(std::chrono::seconds(4));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kHalfClosedTimeout));
}

TEST_F(WebSocketTest, WhatIsNoWebSocketPassesAsItIs) {
  Open({.transparent_idle = std::chrono::seconds(9)});
  client_.Send(FromClient("fine") + "\xFFnonsense");
  EXPECT_EQ(backend_.received(), FromClient("fine") + "\xFFnonsense");
  EXPECT_TRUE(websocket_->transparent());
  EXPECT_EQ(counted().websocket.transparent.value(), 1u);
  backend_.Send("anything");
  client_.Send(" at all");
  EXPECT_EQ(client_.received(), "anything");
  EXPECT_THAT(backend_.received(), ::testing::EndsWith(" at all"));

  Pass(std::chrono::seconds(10));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kIdleTimeout)) << "nobody can be pinged any more";
}

TEST_F(WebSocketTest, WhatWasHeldPassesFirstWhenItTurnsOutToBeNonsense) {
  Open();
  backend_.Send("\x89");  // a ping begins
  EXPECT_EQ(client_.received(), "");
  client_.Send("\x81");
  client_.Send("\x01 no mask");
  EXPECT_EQ(backend_.received(), "\x81\x01 no mask");
  EXPECT_EQ(client_.received(), "\x89");
}

TEST_F(WebSocketTest, ATransparentTunnelIsShutLikeAnyOther) {
  Open();
  client_.Send("nonsense");
  tunnel_->Shut(kRestart);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kDrained));
  EXPECT_EQ(client_.received(), "");
}

TEST_F(WebSocketTest, WhatIsHeldWhenASideEndsPasses) {
  Open();
  client_.Send(FromClient("x") + "\x89");
  client_.End();
  EXPECT_EQ(backend_.received(), FromClient("x") + "\x89");
  EXPECT_TRUE(backend_.received_end());
  EXPECT_FALSE(tunnel_->closed());
}

TEST_F(WebSocketTest, HoldsOneReadForAPeerThatNeverReads) {
  Open();
  backend_.SetRoom(0);
  const std::string message = FromClient(std::string(994, 'x'));
  for (int i = 0; i < 100; ++i) client_.Send(message);
  EXPECT_EQ(tunnel_->buffered(), message.size());
  backend_.TakeAll();
  client_.Turn();
  EXPECT_EQ(backend_.received().size(), 100 * message.size());
}

TEST_F(WebSocketTest, StrictRulesCloseWhatIsNoWebSocket) {
  Open({.strict = true});
  backend_.Send(FromBackend("fine") + "\xFFnonsense");
  EXPECT_EQ(ClientGot(), FromBackend("fine") + Close(1002, "the backend broke the protocol"));
  EXPECT_EQ(BackendGot(), Close(1002, "the backend broke the protocol"));
  EXPECT_TRUE(client_.received_end());
  client_.Send(ClientClose(1002));
  client_.End();
  backend_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kProtocolError));
  EXPECT_EQ(CountedCloses(2, telemetry::Initiator::kProxy), 1u);
}

TEST_F(WebSocketTest, StrictRulesSpareTheOtherSidesFrame) {
  Open({.strict = true});
  backend_.Send(FromBackend("half").substr(0, 4));
  client_.Send("nonsense");
  EXPECT_EQ(BackendGot(), Close(1002, "the client broke the protocol"));
  EXPECT_EQ(ClientGot(), FromBackend("half").substr(0, 4)) << "nothing fits into a frame";
  backend_.Send(FromBackend("half").substr(4) + FromBackend("more"));
  EXPECT_EQ(ClientGot(), FromBackend("half").substr(4) + Close(1002, "the client broke the protocol"));
  EXPECT_EQ(counted().websocket.dropped_bytes.value(), 8u + FromBackend("more").size());
  Pass(std::chrono::seconds(3));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kProtocolError));
}

TEST_F(WebSocketTest, AFrameThatIsTooBigDoesNotReachTheBackend) {
  Open({.max_frame_bytes = 10});
  client_.Send(FromClient("0123456789") + FromClient("0123456789A").substr(0, 9));
  EXPECT_EQ(BackendGot(), FromBackend("0123456789") + Close(1009, "frame too big"));
  EXPECT_EQ(ClientGot(), Close(1009, "frame too big"));
  backend_.End();
  client_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kMessageTooBig));
}

TEST_F(WebSocketTest, AMessageIsMeasuredOverItsFragments) {
  Open({.max_message_bytes = 10});
  client_.Send(ClientFrame(Opcode::kBinary, "01234", false) + ClientFrame(Opcode::kPing, "0123456789abc") +
               ClientFrame(Opcode::kContinuation, "56789", false));
  EXPECT_EQ(ClientGot(), "");
  BackendGot();
  client_.Send(ClientFrame(Opcode::kContinuation, "A"));
  EXPECT_EQ(BackendGot(), Close(1009, "message too big"));
  EXPECT_EQ(ClientGot(), Close(1009, "message too big"));
}

TEST_F(WebSocketTest, TheBackendIsFreeOfTheClientsLimits) {
  Open({.max_frame_bytes = 1, .max_message_bytes = 1, .max_messages_per_second = 1});
  for (int i = 0; i < 5; ++i) backend_.Send(FromBackend("long"));
  EXPECT_EQ(client_.received().size(), 5 * FromBackend("long").size());
}

TEST_F(WebSocketTest, MessagesComeAtTheAllowedRate) {
  Open({.max_messages_per_second = 5});
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 5; ++i) client_.Send(FromClient("x"));
    Advance(std::chrono::seconds(1));
  }
  EXPECT_EQ(ClientGot(), "");
  for (int i = 0; i < 5; ++i) client_.Send(FromClient("x"));
  EXPECT_EQ(ClientGot(), "");
  BackendGot();
  client_.Send(FromClient("x"));
  EXPECT_EQ(ClientGot(), Close(1008, "too many messages a second"));
  EXPECT_EQ(BackendGot(), Close(1008, "too many messages a second"));
  client_.End();
  backend_.End();
  EXPECT_THAT(told_, ElementsAre(CloseReason::kTooManyMessages));
}

}  // namespace
}  // namespace fairlead::tunnel
