#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kIdleTimeouts =
    R"(fairlead_idle_timeouts_total{listener="web",route="all",cluster="app"})";

std::string ClosedFor(std::string_view reason) {
  return fmt::format(R"(fairlead_tunnels_closed_total{{route="all",cluster="app",reason="{}"}})", reason);
}

// A line whose end the proxy has seen: connections that are open there.
void AwaitConnections(const RunningProxy& proxy, double count) {
  proxy.AwaitMetric(R"(fairlead_open_connections{listener="web"})", count);
}

TEST(Timeouts, AClientThatSaysNothingIsLetGo) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  AwaitConnections(proxy, 1);
  proxy.Advance(seconds(9));
  EXPECT_TRUE(client.Silent());
  proxy.Advance(seconds(2));
  EXPECT_EQ(client.ReceiveToEnd(), "");
}

TEST(Timeouts, AClientThatDribblesIsCutWithA408) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  const std::string request = GetRequest("/");
  client.Send(request.substr(0, 1));
  AwaitConnections(proxy, 1);
  proxy.server().WakeWorkers();
  for (size_t second = 1; second <= 12; ++second) {
    proxy.Advance(seconds(1));
    client.SendSome(request.substr(second, 1));
  }
  EXPECT_EQ(ReceiveResponse(client).head.status(), 408);
  EXPECT_EQ(client.ReceiveToEnd(), "");
  EXPECT_TRUE(backend.Idle());
}

TEST(Timeouts, AConnectionBetweenRequestsHasItsKeepAlive) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {keep_alive: 30s}"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  backend.Accept().Send(OkResponse("x"));
  EXPECT_EQ(ReceiveResponse(client).body, "x");
  proxy.Advance(seconds(29));
  EXPECT_TRUE(client.Silent());
  proxy.Advance(seconds(2));
  EXPECT_EQ(client.ReceiveToEnd(), "");
}

TEST(Timeouts, ThreeHundredIdleTunnelsAreCountedAsThreeHundred) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {idle: 5m}"), {.workers = 2});
  std::vector<TunnelEnds> idle, busy;
  for (int i = 0; i < 300; ++i) idle.push_back(OpenTunnel(proxy, backend));
  for (int i = 0; i < 20; ++i) busy.push_back(OpenTunnel(proxy, backend));
  AwaitConnections(proxy, 320);
  for (std::vector<TunnelEnds>* tunnels : {&idle, &busy}) {
    for (TunnelEnds& tunnel : *tunnels) EXPECT_TRUE(Relays(tunnel)) << "no WebSocket, which would be pinged";
  }
  for (int minute = 0; minute < 4; ++minute) {
    proxy.Advance(minutes(1));
    for (TunnelEnds& tunnel : busy) EXPECT_TRUE(Relays(tunnel));
  }
  EXPECT_EQ(proxy.Metric(kIdleTimeouts), 0);
  proxy.Advance(seconds(61));
  for (TunnelEnds& tunnel : idle) {
    EXPECT_EQ(tunnel.client.ReceiveToEnd(), "");
    EXPECT_EQ(tunnel.backend.ReceiveToEnd(), "");
  }
  EXPECT_EQ(proxy.Metric(kIdleTimeouts), 300);
  EXPECT_EQ(proxy.Metric(ClosedFor("idle_timeout")), 300);
  AwaitConnections(proxy, 20);
  for (TunnelEnds& tunnel : busy) EXPECT_TRUE(Relays(tunnel));
}

TEST(Timeouts, OneDirectionKeepsBothAlive) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {idle: 10s}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  for (int i = 0; i < 5; ++i) {
    proxy.Advance(seconds(8));
    tunnel.backend.Send("tick");
    EXPECT_EQ(tunnel.client.Receive(4), "tick");
  }
  proxy.Advance(seconds(11));
  EXPECT_EQ(tunnel.client.ReceiveToEnd(), "");
}

TEST(Timeouts, AnIdleKeepAliveConnectionIsNoIdleTunnel) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {idle: 10s, keep_alive: 10s}"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  backend.Accept().Send(OkResponse("x"));
  ReceiveResponse(client);
  proxy.Advance(seconds(11));
  EXPECT_EQ(client.ReceiveToEnd(), "");
  EXPECT_EQ(proxy.Metric(kIdleTimeouts), 0);
}

TEST(Timeouts, AHalfClosedTunnelEndsSooner) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {half_closed: 5s}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  tunnel.client.End();
  EXPECT_EQ(tunnel.backend.ReceiveToEnd(), "");
  proxy.Advance(seconds(4));
  EXPECT_TRUE(tunnel.client.Silent());
  proxy.Advance(seconds(2));
  EXPECT_EQ(tunnel.client.ReceiveToEnd(), "");
  proxy.AwaitMetric(ClosedFor("half_closed_timeout"), 1);
}

TEST(Timeouts, AReaderThatSleepsIsCutThoughTheOtherDirectionIsBusy) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {write: 20s}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  const std::string piece(1 << 16, 'x');
  for (int refused = 0; refused < 50;) {
    refused = tunnel.backend.SendSome(piece) == 0 ? refused + 1 : 0;
    proxy.server().WakeWorkers();
  }
  for (int second = 0; second < 16; ++second) {
    proxy.Advance(seconds(1));
    tunnel.client.Send("busy");
    EXPECT_EQ(tunnel.backend.Receive(4), "busy");
  }
  EXPECT_EQ(proxy.Metric(ClosedFor("write_timeout")), 0);
  proxy.Advance(seconds(8));
  proxy.AwaitMetric(ClosedFor("write_timeout"), 1);
  tunnel.client.AwaitGone();
}

TEST(Timeouts, ALifetimeEndsWhateverIsGoingOn) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {max_lifetime: 1h, max_lifetime_jitter_percent: 0}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  EXPECT_TRUE(Relays(tunnel)) << "no WebSocket, which would be pinged";
  for (int minute = 0; minute < 59; ++minute) {
    proxy.Advance(minutes(1));
    EXPECT_TRUE(Relays(tunnel));
  }
  proxy.Advance(seconds(61));
  EXPECT_EQ(tunnel.client.ReceiveToEnd(), "");
  proxy.AwaitMetric(ClosedFor("max_lifetime"), 1);
}

TEST(Timeouts, JitterSpreadsTheEndsOfTunnelsThatOpenedTogether) {
  Backend backend;
  RunningProxy proxy(
      OneCluster({&backend}, "timeouts: {idle: 0s, max_lifetime: 100s, max_lifetime_jitter_percent: 50}"));
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 50; ++i) {
    tunnels.push_back(OpenTunnel(proxy, backend));
    EXPECT_TRUE(Relays(tunnels.back())) << "no WebSocket, which would be pinged";
  }
  proxy.Advance(seconds(50));
  EXPECT_EQ(proxy.Metric(ClosedFor("max_lifetime")), 0);
  proxy.Advance(seconds(25));
  const double halfway = proxy.Metric(ClosedFor("max_lifetime"));
  EXPECT_GT(halfway, 10);
  EXPECT_LT(halfway, 40);
  proxy.Advance(seconds(26));
  EXPECT_EQ(proxy.Metric(ClosedFor("max_lifetime")), 50);
}

TEST(Timeouts, ZeroSwitchesThemOff) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend},
                                "timeouts: {idle: 0s, write: 0s, half_closed: 0s, max_lifetime: 0s}, "
                                "keepalive: {interval: 0s}"));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  TunnelEnds half = OpenTunnel(proxy, backend);
  half.client.End();
  EXPECT_EQ(half.backend.ReceiveToEnd(), "");
  proxy.Advance(minutes(60));
  EXPECT_TRUE(Relays(tunnel));
  half.backend.Send("late");
  EXPECT_EQ(half.client.Receive(4), "late");
}

TEST(Timeouts, ATunnelKeepsTheTimeoutsThatItOpenedWith) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {idle: 100s}"));
  TunnelEnds before = OpenTunnel(proxy, backend);
  EXPECT_EQ(proxy.Apply(OneCluster({&backend}, "timeouts: {idle: 10s}")), std::vector<std::string>());
  TunnelEnds after = OpenTunnel(proxy, backend);
  EXPECT_TRUE(Relays(before) && Relays(after));
  proxy.Advance(seconds(11));
  EXPECT_EQ(after.client.ReceiveToEnd(), "");
  EXPECT_TRUE(Relays(before));
}

}  // namespace
}  // namespace fairlead::testing
