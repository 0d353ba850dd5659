#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "pkg/websocket/control_frame.h"
#include "pkg/websocket/test_frames.h"
#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using websocket::ClientFrame;
using websocket::Opcode;
using websocket::ServerFrame;

std::string ClosedFor(std::string_view reason) {
  return fmt::format(R"(fairlead_tunnels_closed_total{{route="all",cluster="app",reason="{}"}})", reason);
}

std::string Closes(int code, std::string_view initiator) {
  return fmt::format(R"(fairlead_websocket_closes_total{{route="all",code="{}",initiator="{}"}})", code,
                     initiator);
}

// The next frame of a server, as it stands.
std::string ReceiveFrame(Socket& client) {
  const std::string head = client.Receive(2);
  return head.size() < 2 ? head : head + client.Receive(static_cast<size_t>(head[1]));
}

// The next control frame of a client, as a server would write it.
std::string ReceiveMaskedFrame(Socket& backend) {
  const std::string head = backend.Receive(2);
  if (head.size() < 2) return head;
  const std::string frame = head + backend.Receive(4 + static_cast<size_t>(head[1] & 0x7F));
  return ServerFrame(static_cast<Opcode>(frame[0] & 15), websocket::ControlPayload(frame));
}

std::string Close(uint16_t code, std::string_view text) {
  return ServerFrame(Opcode::kClose, websocket::ClosePayload(code, text));
}

// A client's answer to a Close with that code, and the backend's to that.
void Answer(TunnelEnds& tunnel, uint16_t code) {
  tunnel.client.Send(ClientFrame(Opcode::kClose, websocket::ClosePayload(code, "")));
  EXPECT_EQ(ReceiveMaskedFrame(tunnel.backend), Close(code, ""));
  tunnel.backend.Send(Close(code, ""));
  tunnel.backend.End();
  EXPECT_EQ(tunnel.client.ReceiveToEnd(), "");
  tunnel.client.Close();
  EXPECT_EQ(tunnel.backend.ReceiveToEnd(), "");
}

TEST(WebSockets, AnIdleTunnelThatAnswersStaysOpenForAnHour) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, ""));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  for (int ping = 0; ping < 120; ++ping) {
    proxy.Advance(seconds(30));
    const std::string frame = ReceiveFrame(tunnel.client);
    ASSERT_EQ(frame.substr(0, 2), "\x89\x08") << ping;
    tunnel.client.Send(ClientFrame(Opcode::kPong, frame.substr(2)));
    proxy.AwaitMetric(R"(fairlead_websocket_ping_rtt_seconds_count{peer="client"})", ping + 1);
  }
  EXPECT_TRUE(tunnel.backend.Silent()) << "the pongs were for us";
  const std::string hello = ClientFrame(Opcode::kText, "hello");
  tunnel.client.Send(hello);
  EXPECT_EQ(tunnel.backend.Receive(hello.size()), hello);
  EXPECT_EQ(proxy.MetricSum("fairlead_tunnels_closed_total"), 0);
}

TEST(WebSockets, PongsThatNobodyAskedForPass) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "keepalive: {interval: 10s, timeout: 5s, send_to: BOTH}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  proxy.Advance(seconds(10));
  EXPECT_EQ(ReceiveFrame(tunnel.client).substr(0, 2), "\x89\x08");
  EXPECT_EQ(ReceiveMaskedFrame(tunnel.backend).substr(0, 2), "\x89\x08");
  tunnel.client.Send(ClientFrame(Opcode::kPong, "heart"));
  EXPECT_EQ(ReceiveMaskedFrame(tunnel.backend), ServerFrame(Opcode::kPong, "heart"));
  tunnel.backend.Send(ServerFrame(Opcode::kPong, "beat"));
  EXPECT_EQ(ReceiveFrame(tunnel.client), ServerFrame(Opcode::kPong, "beat"));
  EXPECT_EQ(proxy.MetricSum("fairlead_websocket_ping_rtt_seconds_count"), 0);
  proxy.Advance(seconds(5));
  EXPECT_EQ(proxy.MetricSum("fairlead_tunnels_closed_total"), 0) << "any byte is a sign of life";
}

TEST(WebSockets, ADeadClientIsFoundInTime) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "keepalive: {interval: 10s, timeout: 5s}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  proxy.Advance(seconds(14));
  EXPECT_TRUE(tunnel.backend.Silent());
  proxy.Advance(seconds(2));
  EXPECT_EQ(ReceiveMaskedFrame(tunnel.backend), Close(1001, "the client answers no pings"));
  tunnel.backend.Close();
  proxy.Advance(seconds(3));
  tunnel.client.AwaitGone();
  proxy.AwaitMetric(ClosedFor("dead_peer"), 1);
  EXPECT_EQ(proxy.MetricSum("fairlead_idle_timeouts_total"), 0);
  proxy.AwaitMetric(Closes(1001, "proxy"), 1);
}

TEST(WebSockets, ABackendIsPingedWhereTheRouteSaysSo) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "keepalive: {interval: 10s, timeout: 5s, send_to: BACKEND}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  proxy.Advance(seconds(10));
  const std::string ping = ReceiveMaskedFrame(tunnel.backend);
  EXPECT_EQ(ping.substr(0, 2), "\x89\x08");
  tunnel.backend.Send(ServerFrame(Opcode::kPong, ping.substr(2)));
  proxy.AwaitMetric(R"(fairlead_websocket_ping_rtt_seconds_count{peer="backend"})", 1);
  EXPECT_TRUE(tunnel.client.Silent());
  proxy.Advance(seconds(20));
  EXPECT_EQ(ReceiveFrame(tunnel.client), Close(1001, "the backend answers no pings"));
}

TEST(WebSockets, ADrainTellsClientsAndBackends) {
  Backend backend;
  RunningProxy proxy("drain: {delay: 0s, window: 10s}\n" + OneCluster({&backend}, ""), {.workers = 2});
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 20; ++i) tunnels.push_back(OpenTunnel(proxy, backend));
  proxy.Drain();
  std::vector<std::future<void>> clients;
  for (TunnelEnds& tunnel : tunnels) {
    clients.push_back(std::async(std::launch::async, [&tunnel] {
      EXPECT_EQ(ReceiveFrame(tunnel.client), Close(1001, "shutting down"));
      Answer(tunnel, 1001);
    }));
  }
  for (int tenth = 0; tenth < 98; ++tenth) proxy.Advance(milliseconds(100));
  for (std::future<void>& client : clients) client.get();
  proxy.AwaitMetric(ClosedFor("drained"), 20);
  proxy.AwaitMetric(Closes(1001, "proxy"), 20);
  EXPECT_EQ(proxy.Metric(ClosedFor("drain_expired")), 0);
  proxy.Advance(milliseconds(100));
  EXPECT_TRUE(proxy.drained());
}

TEST(WebSockets, ADrainThatTakesNoTimeStillSaysWhy) {
  Backend backend;
  RunningProxy proxy("drain: {delay: 0s, window: 0s, close_code: 1012}\n" + OneCluster({&backend}, ""));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  proxy.Drain();
  proxy.Advance(milliseconds(100));
  EXPECT_EQ(tunnel.client.ReceiveToEnd(), Close(1012, "shutting down"));
  EXPECT_EQ(ReceiveMaskedFrame(tunnel.backend), Close(1012, "shutting down"));
  EXPECT_TRUE(proxy.drained());
}

TEST(WebSockets, AreCountedByOpcodeAndSize) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, ""));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  const std::string text = ClientFrame(Opcode::kText, "hello"),
                    binary = ServerFrame(Opcode::kBinary, std::string(100, 'b'));
  tunnel.client.Send(text + text);
  tunnel.backend.Send(binary);
  EXPECT_EQ(tunnel.backend.Receive(2 * text.size()), text + text);
  EXPECT_EQ(tunnel.client.Receive(binary.size()), binary);
  proxy.AwaitMetric(R"(fairlead_websocket_messages_total{route="all",direction="received",opcode="text"})",
                    2);
  proxy.AwaitMetric(
      R"(fairlead_websocket_message_bytes_total{route="all",direction="received",opcode="text"})", 10);
  proxy.AwaitMetric(R"(fairlead_websocket_messages_total{route="all",direction="sent",opcode="binary"})", 1);
  proxy.AwaitMetric(R"(fairlead_websocket_message_size_bytes_bucket{route="all",direction="sent",le="64"})",
                    0);
  proxy.AwaitMetric(R"(fairlead_websocket_message_size_bytes_bucket{route="all",direction="sent",le="256"})",
                    1);
}

TEST(WebSockets, WhatIsNoneIsCountedAndPasses) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, ""));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  EXPECT_TRUE(Relays(tunnel));
  proxy.AwaitMetric(R"(fairlead_websocket_transparent_tunnels_total{route="all"})", 1);
}

TEST(WebSockets, StrictRoutesCloseWhatIsNone) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "websocket: {strict: true}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  tunnel.client.Send("nonsense");
  EXPECT_EQ(tunnel.client.ReceiveToEnd(), Close(1002, "the client broke the protocol"));
  EXPECT_EQ(ReceiveMaskedFrame(tunnel.backend), Close(1002, "the client broke the protocol"));
  tunnel.client.Close();
  tunnel.backend.Close();
  proxy.AwaitMetric(ClosedFor("protocol_error"), 1);
}

TEST(WebSockets, LimitsCloseWithTheirCodes) {
  Backend backend;
  RunningProxy proxy(
      OneCluster({&backend}, "websocket: {max_message_bytes: 10, max_messages_per_second: 2}"));
  TunnelEnds big = OpenTunnel(proxy, backend);
  big.client.Send(ClientFrame(Opcode::kText, "0123456789A"));
  EXPECT_EQ(big.client.ReceiveToEnd(), Close(1009, "message too big"));
  EXPECT_EQ(ReceiveMaskedFrame(big.backend), Close(1009, "message too big"));
  TunnelEnds fast = OpenTunnel(proxy, backend);
  for (int i = 0; i < 3; ++i) fast.client.Send(ClientFrame(Opcode::kText, "x"));
  EXPECT_EQ(fast.client.ReceiveToEnd(), Close(1008, "too many messages a second"));
  for (TunnelEnds* tunnel : {&big, &fast}) {
    tunnel->client.Close();
    tunnel->backend.Close();
  }
  proxy.AwaitMetric(ClosedFor("message_too_big"), 1);
  proxy.AwaitMetric(ClosedFor("too_many_messages"), 1);
}

TEST(WebSockets, AFrameTooBigIsRefusedByItsHeader) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "websocket: {max_frame_bytes: 10}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  const std::string small = ClientFrame(Opcode::kText, "0123456789");
  tunnel.client.Send(small);
  EXPECT_EQ(tunnel.backend.Receive(small.size()), small);
  tunnel.client.Send(ClientFrame(Opcode::kText, "0123456789A").substr(0, 6));
  EXPECT_EQ(ReceiveFrame(tunnel.client), Close(1009, "frame too big"));
}

TEST(WebSockets, OnlyAllowedSubprotocolsReachTheBackend) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "websocket: {subprotocols: [chat.v2, mqtt]}"));
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest("/ws", "Sec-WebSocket-Protocol: chat.v1, chat.v2\r\n"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("sec-websocket-protocol"), "chat.v2");
  Socket refused = proxy.Connect();
  refused.Send(UpgradeRequest("/ws", "Sec-WebSocket-Protocol: chat.v1\r\n"));
  EXPECT_EQ(ReceiveResponse(refused).head.status(), 403);
  Socket silent = proxy.Connect();
  silent.Send(UpgradeRequest("/ws"));
  EXPECT_EQ(ReceiveResponse(silent).head.status(), 403);
  EXPECT_TRUE(backend.Idle());
}

}  // namespace
}  // namespace fairlead::testing
