#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "pkg/app/process_limits.h"
#include "tests/integration/running_proxy.h"
#include "tests/integration/soak/echo_server.h"
#include "tests/integration/soak/soak_clients.h"

namespace fairlead::testing {
namespace {

using ::testing::IsEmpty;

constexpr std::chrono::seconds kDuration{12};
constexpr size_t kTunnels = 1500;
constexpr size_t kDescriptorsEach = 5;  // client, backend, the proxy's two, and one in reserve

// The configuration of the n-th reload: routes come and go in front of the two that count, a listener comes
// and goes, and an endpoint does.
std::string ConfigNumber(int n, const std::vector<const EchoServer*>& servers) {
  std::string endpoints, routes;
  for (size_t i = n % 5 == 4 ? 1 : 0; i < servers.size(); ++i) {
    endpoints += fmt::format("{{id: e{}, address: '{}'}}, ", i, servers[i]->address().ToString());
  }
  for (int i = 0; i < n % 7; ++i) {
    routes +=
        fmt::format("  - {{name: n{}-{}, match: {{prefix: /calm/{}}}, redirect: {{path: /x}}}}\n", n, i, i);
  }
  return fmt::format(
      "listeners:\n"
      "- {{name: steady, address: 127.0.0.1:0}}\n"
      "{}"
      "virtual_hosts:\n"
      "- name: all\n"
      "  domains: ['*']\n"
      "  routes:\n"
      "{}"
      "  - {{name: calm, match: {{prefix: /calm}}, cluster: app, upgrades: ['*'], timeouts: {{idle: {}s}}}}\n"
      "  - {{name: wild, match: {{prefix: /wild}}, cluster: app, upgrades: ['*']}}\n"
      "clusters:\n"
      "- {{name: app, load_balancing: {{policy: {}}}, endpoints: [{}]}}\n",
      n % 4 < 2 ? "" : "- {name: passing, address: 127.0.0.2:0}\n", routes, 300 + n,
      n % 2 == 0 ? "ROUND_ROBIN" : "LEAST_CONNECTIONS", endpoints);
}

// Makes it invalid: by a key that nobody knows, or by an address that is not this machine's.
void Spoil(std::string& config, bool by_key) {
  if (by_key) {
    config += "surprise: true\n";
  } else {
    config.insert(config.find("virtual_hosts:"), "- {name: foreign, address: '192.0.2.1:80'}\n");
  }
}

double Closed(const RunningProxy& proxy, std::string_view route) {
  double sum = 0;
  for (size_t i = 0; i < telemetry::kCloseReasonCount; ++i) {
    sum +=
        proxy.Metric(fmt::format(R"(fairlead_tunnels_closed_total{{route="{}",cluster="app",reason="{}"}})",
                                 route, telemetry::ToString(static_cast<telemetry::CloseReason>(i))));
  }
  return sum;
}

double ForRoute(const RunningProxy& proxy, std::string_view family, std::string_view route,
                std::string_view label) {
  return proxy.Metric(fmt::format(R"({}{{route="{}",cluster="app",{}}})", family, route, label));
}

// What was counted agrees with what the clients have seen.
void ExpectThatCountersAddUp(const RunningProxy& proxy, const SoakClients::Result& result) {
  proxy.AwaitSum("fairlead_open_connections", 0);
  proxy.AwaitSum("fairlead_open_tunnels", 0);
  proxy.AwaitSum("fairlead_endpoint_open_tunnels", 0);
  EXPECT_EQ(proxy.Metric(R"(fairlead_connections_accepted_total{listener="steady"})"), result.connected);

  const auto calm = static_cast<double>(result.calm);
  EXPECT_EQ(ForRoute(proxy, "fairlead_upgrades_total", "calm", R"(code="101")"), calm);
  EXPECT_EQ(Closed(proxy, "calm"), calm);
  EXPECT_EQ(ForRoute(proxy, "fairlead_tunnels_closed_total", "calm", R"(reason="client_closed")"),
            result.client_ended);
  EXPECT_EQ(ForRoute(proxy, "fairlead_bytes_total", "calm", R"(direction="received")"), result.calm_bytes);
  EXPECT_EQ(ForRoute(proxy, "fairlead_bytes_total", "calm", R"(direction="sent")"), result.calm_bytes);

  const double wild = ForRoute(proxy, "fairlead_upgrades_total", "wild", R"(code="101")");
  EXPECT_EQ(Closed(proxy, "wild"), wild);
  EXPECT_GE(wild, result.wild);
}

TEST(Soak, NothingIsLostWhileTunnelsComeAndGoAndTheConfigurationChanges) {
  const EchoServer one, two, three;
  const std::vector<const EchoServer*> servers{&one, &two, &three};
  RunningProxy proxy(ConfigNumber(0, servers), {.workers = 2, .real_time = true});
  const size_t at_once = std::min<size_t>(kTunnels, app::RaiseDescriptorLimit() / kDescriptorsEach);
  SoakClients clients(proxy.address("steady"), at_once);

  const auto end = std::chrono::steady_clock::now() + kDuration;
  int reloads = 0;
  for (; std::chrono::steady_clock::now() < end; ++reloads) {
    const bool valid = reloads % 3 != 2;
    std::string config = ConfigNumber(reloads, servers);
    if (!valid) Spoil(config, reloads % 2 == 0);
    // What is about to go is not connected to any more; who is on the way there may still meet its end.
    if (reloads % 4 < 2) clients.SetPassing(std::nullopt);
    EXPECT_EQ(proxy.Apply(config).empty(), valid);
    clients.SetPassing(proxy.server().ListenerAddress("passing"));
    ::poll(nullptr, 0, 20);
  }
  const auto result = clients.Finish();
  ASSERT_TRUE(result) << "some tunnels never ended";
  EXPECT_THAT(result->failures, IsEmpty());
  EXPECT_EQ(result->failed, 0u);
  EXPECT_GT(result->calm, at_once) << "hardly anything has happened";
  ExpectThatCountersAddUp(proxy, *result);
  for (const EchoServer* server : servers) {
    EXPECT_TRUE(Eventually([&] { return server->open() == 0; })) << "a backend's connection stays";
  }
  RecordProperty("reloads", reloads);
  RecordProperty("tunnels", static_cast<int>(clients.started()));
}

}  // namespace
}  // namespace fairlead::testing
