#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// A client that asked for an upgrade, with `early` behind it, and the connection at the backend.
struct Asked {
  Asked(const RunningProxy& proxy, Backend& at, std::string_view early = "") : client(proxy.Connect()) {
    client.Send(UpgradeRequest("/ws?room=1", "Sec-WebSocket-Protocol: chat\r\n") + std::string(early));
    backend = at.Accept();
    head = Head::Receive(backend);
  }
  Socket client;
  Socket backend;
  Head head{""};
};

TEST(Upgrades, TheHandshakeIsMadeAgainForTheBackend) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Asked asked(proxy, backend);
  EXPECT_EQ(asked.head.first_line(), "GET /ws?room=1 HTTP/1.1");
  EXPECT_EQ(asked.head.Get("connection"), "upgrade");
  EXPECT_EQ(asked.head.Get("upgrade"), "websocket");
  EXPECT_EQ(asked.head.Get("sec-websocket-key"), "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(asked.head.Get("sec-websocket-protocol"), "chat");

  asked.backend.Send(UpgradeResponse());
  const Head answer = Head::Receive(asked.client);
  EXPECT_EQ(answer.first_line(), "HTTP/1.1 101 Switching Protocols");
  EXPECT_EQ(answer.Get("connection"), "upgrade");
  EXPECT_EQ(answer.Get("upgrade"), "websocket");
  EXPECT_EQ(answer.Get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Upgrades, EarlyBytesWaitForThe101) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  Asked asked(proxy, backend, "early");
  asked.client.Send(" and more");
  // The proxy has seen all of it by now, or will not look before the answer.
  proxy.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(asked.backend.Silent());
  asked.backend.Send(UpgradeResponse() + "behind the 101");
  EXPECT_EQ(Head::Receive(asked.client).status(), 101);
  EXPECT_EQ(asked.client.Receive(14), "behind the 101");
  EXPECT_EQ(asked.backend.Receive(14), "early and more");
}

TEST(Upgrades, MuchEarlyDataIsHeldInTheClientsKernelNotHere) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  Asked asked(proxy, backend);
  std::string sent;
  const std::string piece(100000, 'e');
  for (int i = 0; i < 10000; ++i) {
    const size_t taken = asked.client.SendSome(piece);
    sent.append(piece, 0, taken);
    if (taken == 0) break;
  }
  EXPECT_LT(sent.size(), 100u << 20) << "somebody takes it all";
  asked.backend.Send(UpgradeResponse());
  EXPECT_EQ(Head::Receive(asked.client).status(), 101);
  EXPECT_EQ(asked.backend.Receive(sent.size()), sent);
}

TEST(Upgrades, ARefusalIsRelayedAndTheConnectionStaysUsable) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Asked asked(proxy, backend);
  asked.backend.Send(
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 9\r\n\r\ntoken, pl");
  const Response refused = ReceiveResponse(asked.client);
  EXPECT_EQ(refused.head.status(), 401);
  EXPECT_EQ(refused.head.Get("www-authenticate"), "Bearer");
  EXPECT_EQ(refused.body, "token, pl");

  asked.client.Send(UpgradeRequest("/ws", "Authorization: Bearer x\r\n"));
  Socket second = backend.Accept();
  EXPECT_EQ(Head::Receive(second).Get("authorization"), "Bearer x");
  second.Send(UpgradeResponse());
  EXPECT_EQ(Head::Receive(asked.client).status(), 101);
  asked.client.Send("now");
  EXPECT_EQ(second.Receive(3), "now");
  proxy.AwaitMetric(R"(fairlead_upgrades_total{route="all",cluster="app",code="401"})", 1);
  proxy.AwaitMetric(R"(fairlead_upgrades_total{route="all",cluster="app",code="101"})", 1);
}

TEST(Upgrades, BytesBehindARefusedUpgradeAreTheNextRequest) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Asked asked(proxy, backend, GetRequest("/next"));
  asked.backend.Send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(ReceiveResponse(asked.client).head.status(), 403);
  Socket second = backend.Accept();
  EXPECT_EQ(Head::Receive(second).first_line(), "GET /next HTTP/1.1");
  second.Send(OkResponse("next"));
  EXPECT_EQ(ReceiveResponse(asked.client).body, "next");
}

TEST(Upgrades, BytesBehindARefusedUpgradeAreHeldToTheRulesOfRequests) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Asked asked(proxy, backend, "\x81\x85 a frame, not a request\r\n\r\n");
  asked.backend.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(ReceiveResponse(asked.client).head.status(), 200);
  EXPECT_EQ(ReceiveResponse(asked.client).head.status(), 400);
  EXPECT_EQ(asked.client.ReceiveToEnd(), "");
  EXPECT_TRUE(backend.Idle());
}

TEST(Upgrades, AnyOtherProtocolIsATunnelToo) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/", "Connection: upgrade\r\nUpgrade: h2c, Telnet/1.0, other\r\n"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("upgrade"), "Telnet/1.0");
  at_backend.Send("HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: telnet/1.0\r\n\r\nlogin: ");
  const Head answer = Head::Receive(client);
  EXPECT_EQ(answer.status(), 101);
  EXPECT_EQ(client.Receive(7), "login: ");
  client.Send("root\r\n");
  EXPECT_EQ(at_backend.Receive(6), "root\r\n");
  proxy.AwaitMetric(R"(fairlead_open_tunnels{listener="web",route="all",cluster="app",upgrade="other"})", 1);
}

TEST(Upgrades, HalfClosesCrossInBothDirections) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  tunnel.client.Send("last words");
  tunnel.client.End();
  EXPECT_EQ(tunnel.backend.ReceiveToEnd(), "last words");
  tunnel.backend.Send("answer");
  tunnel.backend.End();
  EXPECT_EQ(tunnel.client.ReceiveToEnd(), "answer");
  proxy.AwaitMetric(R"(fairlead_tunnels_closed_total{route="all",cluster="app",reason="client_closed"})", 1);
}

TEST(Upgrades, AResetCrossesAsAReset) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  TunnelEnds one = OpenTunnel(proxy, backend);
  one.client.Reset();
  one.backend.AwaitReset();
  TunnelEnds other = OpenTunnel(proxy, backend);
  other.backend.Reset();
  other.client.AwaitReset();
  proxy.AwaitMetric(R"(fairlead_tunnels_closed_total{route="all",cluster="app",reason="client_reset"})", 1);
  proxy.AwaitMetric(R"(fairlead_tunnels_closed_total{route="all",cluster="app",reason="backend_reset"})", 1);
}

TEST(Upgrades, ATunnelWhoseReaderSleepsHoldsOneReadAndLosesNothing) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {write: 0s, idle: 0s}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  const std::string piece(1 << 16, 'b');
  size_t sent = 0;
  // Until nobody on the way takes more.
  for (int idle = 0; idle < 50;) {
    const size_t taken = tunnel.backend.SendSome(piece);
    sent += taken;
    idle = taken == 0 ? idle + 1 : 0;
    proxy.server().WakeWorkers();
  }
  proxy.Advance(std::chrono::seconds(2));
  const double buffered = proxy.Metric("fairlead_buffered_bytes");
  EXPECT_GT(buffered, 0);
  EXPECT_LE(buffered, loop::Loop::kReadBufferBytes);
  EXPECT_EQ(tunnel.client.Receive(sent), std::string(sent, 'b'));
  proxy.Advance(std::chrono::seconds(2));
  proxy.AwaitMetric("fairlead_buffered_bytes", 0);
  EXPECT_TRUE(Relays(tunnel));
}

TEST(Upgrades, BytesAreCountedEachWay) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  tunnel.client.Send("12345");
  EXPECT_EQ(tunnel.backend.Receive(5), "12345");
  tunnel.backend.Send("123");
  EXPECT_EQ(tunnel.client.Receive(3), "123");
  EXPECT_EQ(proxy.Metric(R"(fairlead_bytes_total{route="all",cluster="app",direction="received"})"), 5);
  EXPECT_EQ(proxy.Metric(R"(fairlead_bytes_total{route="all",cluster="app",direction="sent"})"), 3);
}

TEST(Upgrades, AnUpgradeOnAConnectionThatWasUsedBefore) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/page"));
  Socket first = backend.Accept();
  first.Send(OkResponse("page"));
  EXPECT_EQ(ReceiveResponse(client).body, "page");
  client.Send(UpgradeRequest());
  Socket second = backend.Accept();
  Head::Receive(second);
  second.Send(UpgradeResponse());
  EXPECT_EQ(Head::Receive(client).status(), 101);
}

TEST(Upgrades, AClientThatLeavesBeforeThe101TakesTheBackendWithIt) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Asked asked(proxy, backend);
  asked.client.Reset();
  asked.backend.AwaitGone();
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="client_gone"})", 1);
}

TEST(Upgrades, Http10CannotUpgrade) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send("GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("upgrade"), std::nullopt);
}

}  // namespace
}  // namespace fairlead::testing
