#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Draining(const Backend& backend, std::string_view drain = "{delay: 5s, window: 20s}") {
  return fmt::format("drain: {}\n{}", drain, OneCluster({&backend}));
}

// The same with more keys for the listener.
std::string With(std::string config, std::string_view listener_keys) {
  constexpr std::string_view kAddress = "127.0.0.1:0";
  return config.insert(config.find(kAddress) + kAddress.size(), fmt::format(", {}", listener_keys));
}

std::string ClosedFor(std::string_view reason) {
  return fmt::format(R"(fairlead_tunnels_closed_total{{route="all",cluster="app",reason="{}"}})", reason);
}

TEST(Drain, DuringTheDelayEverythingIsServed) {
  Backend backend;
  RunningProxy proxy(Draining(backend));
  TunnelEnds before = OpenTunnel(proxy, backend);
  proxy.Drain();
  proxy.Advance(seconds(4));
  TunnelEnds late = OpenTunnel(proxy, backend);
  EXPECT_TRUE(Relays(late));
  EXPECT_TRUE(Relays(before));
  EXPECT_EQ(proxy.Metric(ClosedFor("drained")), 0);
  proxy.AwaitSum("fairlead_drain_remaining_tunnels", 2);
}

TEST(Drain, InsideTheWindowNewRequestsGoElsewhere) {
  Backend backend;
  RunningProxy proxy(Draining(backend));
  TunnelEnds open = OpenTunnel(proxy, backend);
  proxy.Drain();
  proxy.Advance(milliseconds(5200));
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest());
  const Response response = ReceiveResponse(client);
  EXPECT_EQ(response.head.status(), 503);
  EXPECT_EQ(response.head.Get("connection"), "close");
  EXPECT_NE(response.head.Get("retry-after"), std::nullopt);
  EXPECT_EQ(client.ReceiveToEnd(), "");
  EXPECT_TRUE(backend.Idle());
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="draining"})", 1);
}

TEST(Drain, TunnelsGoAtAnEvenPace) {
  Backend backend;
  RunningProxy proxy(Draining(backend));
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 100; ++i) {
    tunnels.push_back(OpenTunnel(proxy, backend));
    EXPECT_TRUE(Relays(tunnels.back())) << "no WebSocket, which would take its time to answer";
  }
  proxy.Drain();
  proxy.Advance(seconds(5));
  double closed = proxy.Metric(ClosedFor("drained"));
  for (int second = 0; second < 18; ++second) {
    proxy.Advance(seconds(1));
    const double now = proxy.Metric(ClosedFor("drained"));
    EXPECT_NEAR(now - closed, 5, 1) << second;
    closed = now;
  }
  EXPECT_FALSE(proxy.drained());
  proxy.Advance(seconds(2));
  EXPECT_TRUE(proxy.drained());
  proxy.AwaitSum("fairlead_open_tunnels", 0);
  for (TunnelEnds& tunnel : tunnels) {
    EXPECT_EQ(tunnel.client.ReceiveToEnd(), "");
    EXPECT_EQ(tunnel.backend.ReceiveToEnd(), "");
  }
}

TEST(Drain, IsOverWhenNothingIsOpen) {
  Backend backend;
  RunningProxy proxy(Draining(backend), {.workers = 2});
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 10; ++i) tunnels.push_back(OpenTunnel(proxy, backend));
  proxy.Drain();
  proxy.Advance(seconds(6));
  EXPECT_FALSE(proxy.drained());
  tunnels.clear();
  Eventually([&] {
    proxy.Advance(milliseconds(100));
    return proxy.drained();
  });
}

TEST(Drain, WithNothingOpenItEndsWithTheDelay) {
  Backend backend;
  RunningProxy proxy(Draining(backend, "{delay: 2s, window: 1h}"), {.workers = 3});
  proxy.Drain();
  proxy.Advance(seconds(1));
  EXPECT_FALSE(proxy.drained());
  proxy.Advance(milliseconds(1200));
  EXPECT_TRUE(proxy.drained());
}

TEST(Drain, WithoutDelayAndWindowItCutsAtOnce) {
  Backend backend;
  RunningProxy proxy(Draining(backend, "{delay: 0s, window: 0s}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  EXPECT_TRUE(Relays(tunnel));
  proxy.Drain();
  proxy.Advance(milliseconds(100));
  EXPECT_EQ(tunnel.client.ReceiveToEnd(), "");
  EXPECT_TRUE(proxy.drained());
  EXPECT_EQ(proxy.Metric(ClosedFor("drain_expired")), 1);
}

TEST(Drain, IdleConnectionsAreClosedAndRequestsUnderWayEnd) {
  Backend backend;
  RunningProxy proxy(Draining(backend));
  Socket idle = proxy.Connect();
  idle.Send(GetRequest("/quick"));
  backend.Accept().Send(OkResponse("so far"));
  EXPECT_EQ(ReceiveResponse(idle).body, "so far");
  Socket busy = proxy.Connect();
  busy.Send(GetRequest("/slow"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  proxy.AwaitMetric(R"(fairlead_open_connections{listener="web"})", 2);
  proxy.Drain();
  proxy.Advance(milliseconds(5200));
  EXPECT_EQ(idle.ReceiveToEnd(), "");
  EXPECT_FALSE(proxy.drained());
  at_backend.Send(OkResponse("done"));
  const Response response = ReceiveResponse(busy);
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.head.Get("connection"), "close");
  EXPECT_EQ(busy.ReceiveToEnd(), "");
  busy.Close();
  Eventually([&] {
    proxy.Advance(milliseconds(100));
    return proxy.drained();
  });
}

TEST(Drain, AfterTheWindowEvenARequestUnderWayIsCut) {
  Backend backend;
  RunningProxy proxy(Draining(backend, "{delay: 0s, window: 5s}"));
  Socket busy = proxy.Connect();
  busy.Send(GetRequest("/slow"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  proxy.Drain();
  proxy.Advance(seconds(4));
  EXPECT_FALSE(proxy.drained());
  proxy.Advance(seconds(2));
  EXPECT_TRUE(proxy.drained());
  at_backend.AwaitGone();
  busy.AwaitGone();
}

TEST(Drain, WhoWaitedForAPlaceAndWasRefusedDoesNotHoldItUp) {
  Backend backend;
  const std::string config = Draining(backend);
  RunningProxy proxy(With(config, "limits: {max_connections: 1}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  Socket waits = proxy.Connect();
  EXPECT_THAT(proxy.Apply(With(config,
                               "limits: {max_connections: 1}, proxy_protocol: REQUIRED, "
                               "trusted_proxies: [192.0.2.1]")),
              IsEmpty());
  std::string without = config;
  without.replace(without.find("name: web"), 9, "name: other");
  EXPECT_THAT(proxy.Apply(without), IsEmpty());
  tunnel.client.Close();
  tunnel.backend.Close();
  proxy.AwaitSum("fairlead_open_tunnels", 0);
  proxy.Advance(seconds(1));
  waits.AwaitGone();
  proxy.Drain();
  proxy.Advance(seconds(6));
  EXPECT_TRUE(proxy.drained());
}

TEST(Drain, AfterTheWindowNobodyIsLetInFromThoseWhoWaitForAPlace) {
  Backend backend;
  RunningProxy proxy(With(Draining(backend, "{delay: 0s, window: 5s}"), "limits: {max_connections: 1}"));
  std::vector<Socket> silent;
  while (silent.size() < 6) silent.push_back(proxy.Connect());
  proxy.AwaitSum("fairlead_open_connections", 1);
  proxy.Drain();
  proxy.Advance(seconds(4));
  EXPECT_FALSE(proxy.drained());
  proxy.Advance(seconds(1));
  EXPECT_TRUE(proxy.drained());
}

TEST(Drain, WhoWaitsForATurnIsToldAsTheWindowBegins) {
  Backend backend;
  RunningProxy proxy(With(Draining(backend, "{delay: 1s, window: 20s}"),
                          "limits: {upgrades_per_second: 1, upgrade_queue: 9, handshake_timeout: 30s}"));
  std::vector<Socket> clients;
  while (clients.size() < 6) {
    clients.push_back(proxy.Connect());
    clients.back().Send(UpgradeRequest());
  }
  proxy.AwaitSum("fairlead_waiting_upgrades", 5);
  proxy.Drain();
  proxy.Advance(milliseconds(1400));
  ASSERT_EQ(proxy.MetricSum("fairlead_waiting_upgrades"), 0);
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="draining"})", 5);
  const Response answer = ReceiveResponse(clients.back());
  EXPECT_EQ(answer.head.status(), 503);
  EXPECT_NE(answer.head.Get("retry-after"), std::nullopt);
}

TEST(Drain, WhatItsEndCutsIsNotTheClientsDoing) {
  const std::string log = ::testing::TempDir() + "drain_access.log";
  std::filesystem::remove(log);
  Backend backend;
  {
    RunningProxy proxy(Draining(backend, "{delay: 0s, window: 5s}"), {.access_log = log});
    Socket client = proxy.Connect(), plain = proxy.Connect();
    client.Send(UpgradeRequest());
    Socket at_backend = backend.Accept();
    Head::Receive(at_backend);
    plain.Send(GetRequest("/plain"));
    Socket answering = backend.Accept();
    answering.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    plain.ReceiveThrough("half");
    proxy.Drain();
    proxy.Advance(seconds(6));
    client.AwaitGone();
    EXPECT_EQ(proxy.Metric(R"(fairlead_upgrades_rejected_total{listener="web",reason="draining"})"), 1);
    EXPECT_EQ(proxy.Metric(R"(fairlead_upgrades_rejected_total{listener="web",reason="client_gone"})"), 0);
  }
  std::ifstream file(log);
  const std::string lines((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (const std::string_view path : {"/ws", "/plain"}) {
    const size_t at = lines.find(fmt::format(R"("path":"{}")", path));
    ASSERT_NE(at, std::string::npos) << lines;
    EXPECT_THAT(lines.substr(at, lines.find('\n', at) - at), HasSubstr(R"("reason":"draining")"));
  }
  std::filesystem::remove(log);
}

}  // namespace
}  // namespace fairlead::testing
