#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "tests/integration/running_proxy.h"
#include "tests/support/no_descriptors.h"

namespace fairlead::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kOpen = R"(fairlead_open_connections{listener="web"})";

std::string WithMaxConnections(const Backend& backend, int max) {
  return fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0, limits: {{max_connections: {}}}}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
      "clusters: [{{name: app, endpoints: [{{address: '{}'}}]}}]\n",
      max, backend.address().ToString());
}

// Clients that have connected and asked; the kernel takes them whether they are accepted or not.
std::vector<Socket> Newcomers(const RunningProxy& proxy, int count) {
  std::vector<Socket> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(proxy.Connect());
    clients.back().Send(GetRequest(fmt::format("/{}", i), "Connection: close\r\n"));
  }
  return clients;
}

// Serves all of them, one after the other, while places are given back.
void ServeAll(RunningProxy& proxy, Backend& backend, std::vector<Socket>& clients) {
  for (size_t served = 0; served < clients.size(); ++served) {
    Eventually([&] {
      proxy.Advance(milliseconds(100));
      return !backend.Idle();
    });
    Socket at_backend = backend.Accept();
    at_backend.Send(OkResponse("served"));
    // The place is free when the client has read its answer and gone.
    Eventually([&] {
      for (Socket& client : clients) {
        if (!client.open() || client.Silent()) continue;
        EXPECT_EQ(ReceiveResponse(client).body, "served");
        client.Close();
        return true;
      }
      return false;
    });
  }
}

TEST(Limits, AtItsLimitAListenerLetsNewcomersWaitAndServesThemWhenAPlaceIsFree) {
  Backend backend;
  RunningProxy proxy(WithMaxConnections(backend, 3));
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 3; ++i) tunnels.push_back(OpenTunnel(proxy, backend));
  std::vector<Socket> waiting = Newcomers(proxy, 10);
  proxy.Advance(seconds(5));
  EXPECT_TRUE(backend.Idle());
  EXPECT_EQ(proxy.Metric(kOpen), 3);
  for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel)) << "what is open lives";
  for (Socket& client : waiting) EXPECT_TRUE(client.Silent()) << "nobody is sent away";

  tunnels.pop_back();
  ServeAll(proxy, backend, waiting);
  EXPECT_TRUE(Relays(tunnels[0]));
}

TEST(Limits, TheDescriptorBudgetHoldsForAllListenersAndWorkersTogether) {
  Backend backend;
  RunningProxy proxy(fmt::format("listeners: [{{name: web, address: 127.0.0.1:0}}, "
                                 "{{name: more, address: 127.0.0.2:0}}]\n"
                                 "virtual_hosts:\n"
                                 "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, "
                                 "cluster: app}}]}}\n"
                                 "clusters: [{{name: app, endpoints: [{{address: '{}'}}]}}]\n",
                                 backend.address().ToString()),
                     {.workers = 2, .max_connections = 4});
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 4; ++i) {
    tunnels.push_back(OpenTunnel(proxy, backend, "/ws", i % 2 == 0 ? "web" : "more"));
  }
  std::vector<Socket> waiting = Newcomers(proxy, 6);
  proxy.Advance(seconds(3));
  EXPECT_TRUE(backend.Idle());
  proxy.AwaitSum("fairlead_open_connections", 4);
  tunnels.pop_back();
  ServeAll(proxy, backend, waiting);
  for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel));
}

TEST(Limits, WhereDescriptorsRunOutTunnelsLiveOnAndNewcomersWait) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 3; ++i) tunnels.push_back(OpenTunnel(proxy, backend));
  Socket asks = proxy.Connect();
  proxy.AwaitMetric(kOpen, 4);
  // A socket that is there already: in this process the client has no descriptor left either.
  const int newcomer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(proxy.address().ip_port()->port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Socket waits(newcomer);
  {
    const NoDescriptors shortage;
    ASSERT_EQ(::connect(newcomer, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    waits.Send(GetRequest("/", "Connection: close\r\n"));
    proxy.Advance(seconds(5));
    EXPECT_EQ(proxy.Metric(kOpen), 4);
    EXPECT_TRUE(waits.Silent()) << "nobody is sent away";
    for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel)) << "what is open lives";
    // Whoever is in already needs one for the backend.
    asks.Send(UpgradeRequest());
    const Head answer = ReceiveResponse(asks).head;
    EXPECT_EQ(answer.status(), 503);
    EXPECT_NE(answer.Get("Retry-After"), std::nullopt);
    proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="exhausted"})", 1);
    EXPECT_EQ(proxy.MetricSum("fairlead_retries_total"), 0);
    EXPECT_EQ(proxy.MetricSum("fairlead_endpoint_connect_failures_total"), 0)
        << "the backend is not to blame";
  }
  std::vector<Socket> waiting;
  waiting.push_back(std::move(waits));
  ServeAll(proxy, backend, waiting);
  for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel));
}

TEST(Limits, ALowerLimitSendsNobodyAway) {
  Backend backend;
  RunningProxy proxy(WithMaxConnections(backend, 0));
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 5; ++i) tunnels.push_back(OpenTunnel(proxy, backend));
  EXPECT_EQ(proxy.Apply(WithMaxConnections(backend, 2)), std::vector<std::string>());
  for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel));
  std::vector<Socket> waiting = Newcomers(proxy, 1);
  tunnels.resize(3);
  proxy.AwaitMetric(kOpen, 3);
  proxy.Advance(seconds(1));
  EXPECT_TRUE(backend.Idle());
  tunnels.resize(1);
  ServeAll(proxy, backend, waiting);
}

TEST(Limits, AHigherLimitLetsThemInAtOnce) {
  Backend backend;
  RunningProxy proxy(WithMaxConnections(backend, 1));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  std::vector<Socket> waiting = Newcomers(proxy, 3);
  proxy.Advance(seconds(1));
  EXPECT_EQ(proxy.Apply(WithMaxConnections(backend, 0)), std::vector<std::string>());
  ServeAll(proxy, backend, waiting);
}

TEST(Limits, WhoeverWaitsAtAListenerThatGoesAwayIsServedStill) {
  Backend backend;
  RunningProxy proxy(WithMaxConnections(backend, 1));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  std::vector<Socket> waiting = Newcomers(proxy, 3);
  proxy.Advance(seconds(1));
  EXPECT_EQ(proxy.Apply("listeners: []\nvirtual_hosts: []\nclusters: []\n"), std::vector<std::string>());
  tunnel.client.Reset();
  tunnel.backend.AwaitGone();
  ServeAll(proxy, backend, waiting);
}

}  // namespace
}  // namespace fairlead::testing
