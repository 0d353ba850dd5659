#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkg/telemetry/log.h"
#include "tests/integration/running_proxy.h"
#include "tests/support/dead_ports.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Listeners, routes in front of the usual one, and endpoints.
struct Parts {
  std::string listeners = "{name: web, address: 127.0.0.1:0}";
  std::string first_routes;
  std::string endpoints;
};

std::string Config(const Parts& parts) {
  return fmt::format(
      "listeners: [{}]\n"
      "virtual_hosts:\n"
      "- name: all\n"
      "  domains: ['*']\n"
      "  routes:\n"
      "{}"
      "  - {{name: all, match: {{prefix: /}}, cluster: app}}\n"
      "clusters: [{{name: app, endpoints: [{}]}}]\n",
      parts.listeners, parts.first_routes, parts.endpoints);
}

std::string Endpoint(const Backend& backend) {
  return fmt::format("{{address: '{}'}}, ", backend.address().ToString());
}

class ReloadTest : public ::testing::Test {
 protected:
  Backend backend_;
  const Parts parts_{.first_routes = "", .endpoints = Endpoint(backend_)};
  RunningProxy proxy_{Config(parts_), {.workers = 2}};
};

TEST_F(ReloadTest, RoutesPutInFrontConcernNewRequestsOnly) {
  TunnelEnds tunnel = OpenTunnel(proxy_, backend_);
  Parts changed = parts_;
  changed.first_routes = "  - {name: none, match: {prefix: /ws}, redirect: {path: /elsewhere}}\n";
  EXPECT_THAT(proxy_.Apply(Config(changed)), IsEmpty());
  EXPECT_TRUE(Relays(tunnel));
  Socket client = proxy_.Connect();
  client.Send(UpgradeRequest());
  EXPECT_EQ(ReceiveResponse(client).head.status(), 308);
  proxy_.AwaitSum("fairlead_open_tunnels", 1);
}

TEST_F(ReloadTest, AConnectionThatIsOpenGetsTheNewRoutesWithItsNextRequest) {
  Socket client = proxy_.Connect();
  client.Send(GetRequest("/old"));
  backend_.Accept().Send(OkResponse("old"));
  EXPECT_EQ(ReceiveResponse(client).body, "old");
  Parts changed = parts_;
  changed.first_routes = "  - {name: none, match: {prefix: /old}, redirect: {path: /new}}\n";
  EXPECT_THAT(proxy_.Apply(Config(changed)), IsEmpty());
  client.Send(GetRequest("/old"));
  EXPECT_EQ(ReceiveResponse(client).head.status(), 308);
}

TEST_F(ReloadTest, ARequestUnderWayEndsAsItBegan) {
  Socket client = proxy_.Connect();
  client.Send(GetRequest("/slow"));
  Socket at_backend = backend_.Accept();
  Head::Receive(at_backend);
  EXPECT_THAT(
      proxy_.Apply("listeners: [{name: web, address: 127.0.0.1:0}]\nvirtual_hosts: []\nclusters: []\n"),
      IsEmpty());
  at_backend.Send(OkResponse("done"));
  EXPECT_EQ(ReceiveResponse(client).body, "done");
  client.Send(GetRequest("/slow"));
  EXPECT_EQ(ReceiveResponse(client).head.status(), 404);
}

TEST_F(ReloadTest, ListenersComeAndGo) {
  const base::SocketAddress web = proxy_.address();
  TunnelEnds old = OpenTunnel(proxy_, backend_);
  Parts more = parts_;
  more.listeners += ", {name: more, address: 127.0.0.2:0}";
  EXPECT_THAT(proxy_.Apply(Config(more)), IsEmpty());
  EXPECT_EQ(proxy_.address(), web) << "a listener keeps its socket over every other change";
  const base::SocketAddress added = proxy_.address("more");
  TunnelEnds tunnel = OpenTunnel(proxy_, backend_, "/ws", "more");

  EXPECT_THAT(proxy_.Apply(Config(parts_)), IsEmpty());
  EXPECT_FALSE(Socket::CanConnect(added));
  EXPECT_TRUE(Relays(tunnel)) << "tunnels outlive their listener";
  EXPECT_TRUE(Relays(old));
  EXPECT_EQ(proxy_.Metric(R"(fairlead_open_connections{listener="more"})"), 1);
}

TEST_F(ReloadTest, ARequestUnderWayOutlivesItsListenerAndHoldsItsPortNoLonger) {
  Socket client = proxy_.Connect();
  client.Send(GetRequest("/slow"));
  Socket at_backend = backend_.Accept();
  Head::Receive(at_backend);
  const base::SocketAddress web = proxy_.address();
  Parts elsewhere = parts_;
  elsewhere.listeners = "{name: other, address: 127.0.0.2:0}";
  EXPECT_THAT(proxy_.Apply(Config(elsewhere)), IsEmpty());
  EXPECT_FALSE(Socket::CanConnect(web)) << "nobody would serve it";

  Parts back = parts_;
  back.listeners = fmt::format("{{name: web, address: '{}'}}", web.ToString());
  EXPECT_THAT(proxy_.Apply(Config(back)), IsEmpty()) << "the port is free";
  at_backend.Send(OkResponse("done"));
  const Response response = ReceiveResponse(client);
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.head.Get("connection"), "close");
  EXPECT_EQ(client.ReceiveToEnd(), "");
}

TEST_F(ReloadTest, AListenerMovesBetweenOneAddressAndAllOfThem) {
  const base::SocketAddress first = proxy_.address();
  const auto move_to = [&](std::string_view ip) {
    Parts moved = parts_;
    moved.listeners = fmt::format("{{name: web, address: '{}:{}'}}", ip, first.ip_port()->port);
    EXPECT_THAT(proxy_.Apply(Config(moved)), IsEmpty()) << ip;
  };
  TunnelEnds tunnel = OpenTunnel(proxy_, backend_);
  for (const std::string_view ip : {"0.0.0.0", "127.0.0.1", "0.0.0.0"}) {
    move_to(ip);
    EXPECT_TRUE(Socket::CanConnect(first));
    EXPECT_TRUE(Relays(tunnel));
  }
}

TEST_F(ReloadTest, WhatWasQueuedAtARemovedListenerIsServed) {
  std::vector<Socket> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(proxy_.Connect());
    clients.back().Send(GetRequest("/"));
  }
  Parts elsewhere = parts_;
  elsewhere.listeners = "{name: other, address: 127.0.0.2:0}";
  EXPECT_THAT(proxy_.Apply(Config(elsewhere)), IsEmpty());
  for (size_t i = 0; i < clients.size(); ++i) backend_.Accept().Send(OkResponse("served"));
  for (Socket& client : clients) EXPECT_EQ(ReceiveResponse(client).body, "served");
}

TEST_F(ReloadTest, AnInvalidConfigurationChangesNothing) {
  TunnelEnds tunnel = OpenTunnel(proxy_, backend_);
  Parts broken = parts_;
  broken.first_routes = "  - {name: typo, match: {prefix: /ws}, cluster: apq}\n";
  EXPECT_THAT(proxy_.Apply(Config(broken)), ElementsAre(HasSubstr("apq")));
  EXPECT_TRUE(Relays(tunnel));
  TunnelEnds another = OpenTunnel(proxy_, backend_);
  EXPECT_TRUE(Relays(another));
  EXPECT_EQ(proxy_.Metric("fairlead_config_revision"), 1);
}

TEST_F(ReloadTest, AnAddressThatCannotBeBoundRefusesTheWhole) {
  const Backend occupied;
  Parts broken = parts_;
  broken.listeners += fmt::format(", {{name: fine, address: 127.0.0.2:0}}, {{name: taken, address: '{}'}}",
                                  occupied.address().ToString());
  broken.first_routes = "  - {name: none, match: {prefix: /}, redirect: {path: /x}}\n";
  EXPECT_THAT(proxy_.Apply(Config(broken)), ElementsAre(HasSubstr("listeners[2].address")));
  EXPECT_EQ(proxy_.server().ListenerAddress("fine"), std::nullopt);
  TunnelEnds tunnel = OpenTunnel(proxy_, backend_);
  EXPECT_TRUE(Relays(tunnel));
  proxy_.AwaitMetric(R"(fairlead_config_rejected_total{source="file"})", 1);
}

TEST_F(ReloadTest, ARemovedEndpointKeepsItsTunnels) {
  Backend other;
  TunnelEnds tunnel = OpenTunnel(proxy_, backend_);
  Parts changed = parts_;
  changed.endpoints = Endpoint(other);
  EXPECT_THAT(proxy_.Apply(Config(changed)), IsEmpty());
  EXPECT_TRUE(Relays(tunnel));
  TunnelEnds next = OpenTunnel(proxy_, other);
  EXPECT_TRUE(Relays(next));
  const auto open_at = [](const Backend& backend) {
    return fmt::format(R"(fairlead_endpoint_open_tunnels{{cluster="app",endpoint="{}"}})",
                       backend.address().ToString());
  };
  EXPECT_EQ(proxy_.Metric(open_at(backend_)), 1);
  EXPECT_EQ(proxy_.Metric(open_at(other)), 1);

  EXPECT_THAT(proxy_.Apply(Config(parts_)), IsEmpty());
  EXPECT_EQ(proxy_.Metric(open_at(backend_)), 1) << "its count is not forgotten when it comes back";
}

TEST_F(ReloadTest, ARenamedListenerIsTheSameSocketUnderAnotherName) {
  const ClosedPort port;
  const std::string address = fmt::format("127.0.0.77:{}", port.address().ip_port()->port);
  Parts parts = parts_;
  parts.listeners = fmt::format("{{name: web, address: '{}'}}", address);
  EXPECT_THAT(proxy_.Apply(Config(parts)), IsEmpty());
  Socket client = proxy_.Connect();
  proxy_.AwaitMetric(R"(fairlead_open_connections{listener="web"})", 1);
  parts.listeners = fmt::format("{{name: front, address: '{}'}}", address);
  EXPECT_THAT(proxy_.Apply(Config(parts)), IsEmpty());
  client.Send(GetRequest("/"));
  backend_.Accept().Send(OkResponse("same"));
  EXPECT_EQ(ReceiveResponse(client).body, "same");
  Socket next = proxy_.Connect("front");
  proxy_.AwaitMetric(R"(fairlead_open_connections{listener="front"})", 1);
}

TEST_F(ReloadTest, SaysWhenTheLastListenerGoes) {
  telemetry::StartLog();
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(proxy_.Apply("listeners: []"), IsEmpty());
  EXPECT_THAT(proxy_.Apply("drain: {delay: 1s}"), IsEmpty());
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("no listener any more"));
  EXPECT_EQ(log.find("no listener"), log.rfind("no listener")) << log;
}

TEST_F(ReloadTest, AHundredReloadsCutNothing) {
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 20; ++i) tunnels.push_back(OpenTunnel(proxy_, backend_));
  for (int i = 0; i < 100; ++i) {
    Parts changed = parts_;
    changed.first_routes =
        fmt::format("  - {{name: r{}, match: {{prefix: /r{}}}, redirect: {{path: /x}}}}\n", i, i);
    if (i % 3 == 0) changed.first_routes += "  - {name: broken}\n";
    if (i % 2 == 0) changed.listeners += ", {name: extra, address: 127.0.0.2:0}";
    EXPECT_EQ(proxy_.Apply(Config(changed)).empty(), i % 3 != 0);
    EXPECT_TRUE(Relays(tunnels[static_cast<size_t>(i) % tunnels.size()]));
  }
  for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel));
  proxy_.AwaitSum("fairlead_open_tunnels", 20);
  EXPECT_EQ(proxy_.MetricSum("fairlead_tunnels_closed_total"), 0);
}

}  // namespace
}  // namespace fairlead::testing
