#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/running_proxy.h"
#include "tests/support/dead_ports.h"

namespace fairlead::testing {
namespace {

using std::chrono::seconds;

// What a connection of its own is answered.
Response Ask(const RunningProxy& proxy, std::string_view request) {
  Socket client = proxy.Connect();
  client.Send(request);
  return ReceiveResponse(client);
}

// A proxy in front of these addresses.
std::string Endpoints(const std::vector<base::SocketAddress>& addresses) {
  std::string endpoints;
  for (const base::SocketAddress& address : addresses) {
    endpoints += fmt::format("{{address: '{}'}}, ", address.ToString());
  }
  return fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
      "clusters: [{{name: app, endpoints: [{}]}}]\n",
      endpoints);
}

TEST(Refusals, EveryAnswerSaysWhy) {
  const RunningProxy proxy(Endpoints({}));
  const Response response = Ask(proxy, GetRequest("/"));
  EXPECT_EQ(response.head.first_line(), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(response.head.Get("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(response.body, "No backend is available.\n");
  EXPECT_NE(response.head.Get("retry-after"), std::nullopt);
  EXPECT_NE(response.head.Get("x-request-id"), std::nullopt);
}

TEST(Refusals, NoRouteIsA404) {
  Backend backend;
  const RunningProxy proxy(
      "listeners: [{name: web, address: 127.0.0.1:0}]\nvirtual_hosts: []\nclusters: []\n");
  EXPECT_EQ(Ask(proxy, GetRequest("/")).head.status(), 404);
  EXPECT_EQ(Ask(proxy, UpgradeRequest()).head.status(), 404);
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="no_route"})", 1);
  proxy.AwaitMetric(R"(fairlead_requests_total{route="",cluster="",code="404"})", 1);
}

TEST(Refusals, AWebSocketWhereTheRouteHasNoneIsA403) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}, "upgrades: []"));
  EXPECT_EQ(Ask(proxy, UpgradeRequest()).head.status(), 403);
  EXPECT_TRUE(backend.Idle());
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="not_allowed"})", 1);
}

TEST(Refusals, AnyOtherUpgradeThatIsNotAllowedIsIgnored) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}, "upgrades: [websocket]"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("upgrade"), std::nullopt);
  at_backend.Send(OkResponse("plain"));
  EXPECT_EQ(ReceiveResponse(client).body, "plain");
}

TEST(Refusals, AnyUpgradeStillMeansNoH2c) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}, "upgrades: ['*']"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("upgrade"), std::nullopt);
}

TEST(Refusals, AnotherVersionOfWebSocketIsA426) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  const Response response =
      Ask(proxy, GetRequest("/ws",
                            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  EXPECT_EQ(response.head.status(), 426);
  EXPECT_EQ(response.head.Get("sec-websocket-version"), "13");
  EXPECT_EQ(response.head.Get("upgrade"), "websocket");
  EXPECT_TRUE(backend.Idle());
}

TEST(Refusals, AHandshakeWithoutAKeyIsA400) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  EXPECT_EQ(Ask(proxy, GetRequest("/",
                                  "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                  "Sec-WebSocket-Version: 13\r\n"))
                .head.status(),
            400);
}

TEST(Refusals, WhatCanBeUnderstoodInTwoWaysIsA400) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  for (const std::string& request : {
           std::string("GET / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
           std::string("GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n"),
           std::string("GET / HTTP/1.1\nHost: a\n\n"),
           std::string("POST /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n"
                       "Content-Length: 3\r\n\r\nabc"),
       }) {
    EXPECT_EQ(Ask(proxy, request).head.status(), 400) << request;
  }
  EXPECT_TRUE(backend.Idle());
}

TEST(Refusals, WhatIsTooLargeOrUnknownHasAStatusOfItsOwn) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  EXPECT_EQ(Ask(proxy, GetRequest("/" + std::string(20000, 'x'))).head.status(), 414);
  EXPECT_EQ(Ask(proxy, GetRequest("/", "X: " + std::string(40000, 'x') + "\r\n")).head.status(), 431);
  EXPECT_EQ(Ask(proxy, "GET / HTTP/2.7\r\nHost: a\r\n\r\n").head.status(), 505);
  EXPECT_EQ(Ask(proxy, GetRequest("/", "Expect: miracles\r\n")).head.status(), 417);
  EXPECT_EQ(Ask(proxy, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").head.status(), 501);
}

TEST(Refusals, AnAnswerReachesAClientThatIsStillSending) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  // The whole of it does not fit into the kernels' buffers unless the proxy reads on behind its answer.
  client.Send("GET / HTTP/1.1\r\n\r\n" + std::string(8 << 20, 'x'));
  EXPECT_EQ(ReceiveResponse(client).head.status(), 400);
  EXPECT_EQ(client.ReceiveToEnd(), "");
}

// How the upgrade is answered that this is the backend's answer to.
int StatusBehind(std::string_view answer) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest());
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  at_backend.Send(answer);
  const int status = ReceiveResponse(client).head.status();
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="bad_upgrade"})", 1);
  at_backend.AwaitGone();
  return status;
}

TEST(Refusals, AWrongAcceptIsA502) {
  EXPECT_EQ(StatusBehind("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                         "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"),
            502);
}

TEST(Refusals, A101WithAnotherProtocolIsA502) {
  EXPECT_EQ(StatusBehind("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"),
            502);
}

TEST(Refusals, A101NobodyAskedForIsA502) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  at_backend.Send(UpgradeResponse() + "smuggled");
  EXPECT_EQ(ReceiveResponse(client).head.status(), 502);
}

TEST(Refusals, ABackendThatSpeaksNoHttpIsA502) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  at_backend.Send("220 mail.example.com ESMTP\r\n\r\n");
  EXPECT_EQ(ReceiveResponse(client).head.status(), 502);
}

TEST(Refusals, ABackendThatHangsUpIsA502) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest());
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  at_backend.Close();
  EXPECT_EQ(ReceiveResponse(client).head.status(), 502);
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="backend_closed"})", 1);
}

TEST(Refusals, ARefusedConnectTriesAnotherEndpoint) {
  const ClosedPort closed;
  Backend backend;
  const RunningProxy proxy(Endpoints({closed.address(), backend.address()}));
  for (int i = 0; i < 4; ++i) {
    Socket client = proxy.Connect();
    client.Send(GetRequest("/"));
    Socket at_backend = backend.Accept();
    at_backend.Send(OkResponse("here"));
    EXPECT_EQ(ReceiveResponse(client).body, "here");
  }
  EXPECT_GE(proxy.MetricSum("fairlead_endpoint_connect_failures_total"), 1);
}

TEST(Refusals, NoEndpointThatCanBeConnectedToIsA502) {
  const ClosedPort one, two, three;
  const RunningProxy proxy(Endpoints({one.address(), two.address(), three.address()}));
  EXPECT_EQ(Ask(proxy, GetRequest("/")).head.status(), 502);
  proxy.AwaitSum("fairlead_endpoint_connect_failures_total", 2);
}

TEST(Refusals, AConnectThatTakesTooLongIsA504) {
  const SilentPort silent;
  RunningProxy proxy(Endpoints({silent.address()}));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Eventually([&] {
    proxy.Advance(seconds(6));
    return !client.Silent();
  });
  EXPECT_EQ(ReceiveResponse(client).head.status(), 504);
}

TEST(Refusals, AnAnswerThatTakesTooLongIsA504) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {response: 30s}"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  proxy.Advance(seconds(29));
  EXPECT_TRUE(client.Silent());
  proxy.Advance(seconds(2));
  EXPECT_EQ(ReceiveResponse(client).head.status(), 504);
  at_backend.AwaitGone();
}

}  // namespace
}  // namespace fairlead::testing
