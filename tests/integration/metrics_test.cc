#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kOpen = R"(fairlead_open_connections{listener="web"})";

TEST(Metrics, OpenConnectionsAreThoseThatAreOpen) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}), {.workers = 2});
  std::vector<Socket> connected;
  for (int i = 0; i < 30; ++i) connected.push_back(proxy.Connect());
  proxy.AwaitMetric(kOpen, 30);
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 20; ++i) tunnels.push_back(OpenTunnel(proxy, backend));
  proxy.AwaitMetric(kOpen, 50);
  proxy.AwaitSum("fairlead_open_tunnels", 20);
  proxy.AwaitSum("fairlead_endpoint_open_tunnels", 20);

  connected.resize(5);
  for (int i = 0; i < 5; ++i) tunnels[static_cast<size_t>(i)].client.Reset();
  proxy.AwaitMetric(kOpen, 20);
  proxy.AwaitSum("fairlead_open_tunnels", 15);
  EXPECT_EQ(proxy.Metric(R"(fairlead_connections_accepted_total{listener="web"})"), 50);
  tunnels.clear();
  connected.clear();
  proxy.AwaitMetric(kOpen, 0);
  proxy.AwaitSum("fairlead_open_tunnels", 0);
  proxy.AwaitSum("fairlead_endpoint_open_tunnels", 0);
}

// One request of every kind that this file has; each is answered before the next.
void AskEverything(const RunningProxy& proxy, Backend& backend, const std::string& word) {
  const auto ask = [&](const std::string& request) {
    Socket client = proxy.Connect();
    client.Send(request);
    Eventually([&] { return !backend.Idle() || !client.Silent(); });
    if (!backend.Idle()) {
      Socket at_backend = backend.Accept();
      at_backend.Send("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
      ReceiveResponse(client);
    }
    client.Close();
  };
  ask(GetRequest("/" + word, "", word + ".example.com"));
  ask(fmt::format("{} / HTTP/1.1\r\nHost: a\r\n\r\n", word));
  ask(GetRequest("/", "Connection: Upgrade\r\nUpgrade: " + word + "\r\n"));
  ask(GetRequest("/none/" + word));
  ask(UpgradeRequest("/none/" + word));
  ask(GetRequest("/", fmt::format("X-Request-Id: {0}\r\nX-Forwarded-For: {0}\r\nX-{0}: {0}\r\n", word)));
  ask(GetRequest("/", "", "bad host " + word));
  ask(word + "\r\n\r\n");
}

TEST(Metrics, NothingThatAClientSendsMakesASeries) {
  Backend backend;
  const RunningProxy proxy(fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: root, match: {{regex: '/[^/]*'}}, cluster: app,"
      "    upgrades: ['*']}}]}}\n"
      "clusters: [{{name: app, endpoints: [{{address: '{}'}}]}}]\n",
      backend.address().ToString()));
  AskEverything(proxy, backend, "first");
  proxy.AwaitMetric(kOpen, 0);
  const std::vector<std::string> before = proxy.Series();
  for (int i = 0; i < 20; ++i) AskEverything(proxy, backend, fmt::format("word{}", i));
  proxy.AwaitMetric(kOpen, 0);
  EXPECT_EQ(proxy.Series(), before);
}

TEST(Metrics, WhatIsUnderWayIsNotForgottenWhenTheConfigurationForgetsIt) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  EXPECT_EQ(proxy.Apply("listeners: [{name: web, address: 127.0.0.1:0}]\nvirtual_hosts: []\nclusters: []\n"),
            std::vector<std::string>());
  proxy.AwaitSum("fairlead_open_tunnels", 1);
  tunnel.client.Reset();
  tunnel.backend.AwaitGone();
  proxy.AwaitMetric(R"(fairlead_tunnels_closed_total{route="all",cluster="app",reason="client_reset"})", 1);
}

TEST(Metrics, SaysWhichConfigurationIsInForce) {
  RunningProxy proxy("clusters: []\n");
  EXPECT_EQ(proxy.Metric("fairlead_config_revision"), 1);
  EXPECT_EQ(proxy.Apply("clusters: [{name: new, endpoints: []}]\n"), std::vector<std::string>());
  EXPECT_EQ(proxy.Metric("fairlead_config_revision"), 2);
  EXPECT_NE(proxy.Metric("fairlead_config_last_applied_timestamp_seconds"), 0);
}

// The lines that the log has when the proxy is gone.
std::vector<std::string> LinesOf(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(Metrics, TheAccessLogUsesTheSameWords) {
  const std::string path = ::testing::TempDir() + "integration_access.log";
  std::filesystem::remove(path);
  Backend backend;
  {
    const RunningProxy proxy(OneCluster({&backend}), {.access_log = path});
    TunnelEnds tunnel = OpenTunnel(proxy, backend, "/ws?secret=no");
    Relays(tunnel);
    tunnel.client.Reset();
    tunnel.backend.AwaitReset();
    proxy.AwaitMetric(R"(fairlead_tunnels_closed_total{route="all",cluster="app",reason="client_reset"})", 1);
    Socket client = proxy.Connect();
    client.Send(GetRequest("/page"));
    backend.Accept().Close();
    EXPECT_EQ(ReceiveResponse(client).head.status(), 502);
    proxy.AwaitMetric(R"(fairlead_requests_total{route="all",cluster="app",code="502"})", 1);
  }
  const std::vector<std::string> lines = LinesOf(path);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], HasSubstr(R"("upgrade":"websocket")"));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("client_reset"), HasSubstr(R"("status":101)"),
                              HasSubstr(R"("route":"all")"), HasSubstr(R"("bytes_received":4)")));
  EXPECT_THAT(lines[2], AllOf(HasSubstr("backend_closed"), HasSubstr(R"("status":502)")));
  std::filesystem::remove(path);
}

TEST(Metrics, ARotatedAccessLogIsOpenedAgainAtAReload) {
  const std::string path = ::testing::TempDir() + "integration_rotated.log";
  std::filesystem::remove(path);
  Backend backend;
  std::optional<TunnelEnds> tunnel;  // it outlives the proxy
  {
    RunningProxy proxy(OneCluster({&backend}), {.access_log = path});
    std::filesystem::rename(path, path + ".1");
    std::promise<void> reloaded;
    proxy.server().ReloadFile("/no/such/file", [&](const auto&) { reloaded.set_value(); });
    reloaded.get_future().wait();
    tunnel = OpenTunnel(proxy, backend, "/ws");
  }
  const std::vector<std::string> lines = LinesOf(path);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1], HasSubstr(R"("reason":"shutdown")"));
  EXPECT_THAT(LinesOf(path + ".1"), IsEmpty());
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".1");
}

}  // namespace
}  // namespace fairlead::testing
