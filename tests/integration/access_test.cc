#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

// What an upgrade with these header lines comes to; 101 where it reached the backend.
int UpgradeStatus(const RunningProxy& proxy, Backend& backend, std::string_view headers, bool passes) {
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest("/ws", headers));
  if (passes) {
    Socket at_backend = backend.Accept();
    Head::Receive(at_backend);
    at_backend.Send(UpgradeResponse());
    return Head::Receive(client).status();
  }
  const int status = ReceiveResponse(client).head.status();
  EXPECT_TRUE(backend.Idle());
  return status;
}

double Rejected(const RunningProxy& proxy, std::string_view reason) {
  return proxy.Metric(
      fmt::format(R"(fairlead_upgrades_rejected_total{{listener="web",reason="{}"}})", reason));
}

TEST(Origins, KeepStrangersPagesOut) {
  Backend backend;
  const RunningProxy proxy(
      OneCluster({&backend}, "origins: ['https://chat.example.com', 'https://*.corp.test']"));
  for (std::string_view origin : {"https://chat.example.com", "https://a.corp.test"}) {
    EXPECT_EQ(UpgradeStatus(proxy, backend, fmt::format("Origin: {}\r\n", origin), true), 101) << origin;
  }
  for (std::string_view origin :
       {"https://evil.example", "http://chat.example.com", "https://corp.test", "null"}) {
    EXPECT_EQ(UpgradeStatus(proxy, backend, fmt::format("Origin: {}\r\n", origin), false), 403) << origin;
  }
  EXPECT_EQ(UpgradeStatus(proxy, backend, "", true), 101) << "no browser";
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="origin_denied"})", 4);
}

TEST(Origins, MayBeRequired) {
  Backend backend;
  const RunningProxy proxy(
      OneCluster({&backend}, "origins: ['https://chat.example.com'], origin_required: true"));
  EXPECT_EQ(UpgradeStatus(proxy, backend, "", false), 403);
  EXPECT_EQ(UpgradeStatus(proxy, backend, "Origin: https://chat.example.com\r\n", true), 101);
}

TEST(Origins, CountForPlainRequestsToo) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}, "origins: ['https://chat.example.com']"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/", "Origin: https://evil.example\r\n"));
  const Response response = ReceiveResponse(client);
  EXPECT_EQ(response.head.status(), 403);
  EXPECT_EQ(response.body, "This route does not serve pages of this origin.\n");
  proxy.AwaitMetric(R"(fairlead_requests_total{route="all",cluster="",code="403"})", 1);
}

TEST(Origins, ANewListCutsNoTunnel) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "origins: ['https://a.example']"));
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest("/ws", "Origin: https://a.example\r\n"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  at_backend.Send(UpgradeResponse());
  TunnelEnds tunnel{.client = std::move(client), .backend = std::move(at_backend)};
  EXPECT_EQ(Head::Receive(tunnel.client).status(), 101);
  EXPECT_THAT(proxy.Apply(OneCluster({&backend}, "origins: ['https://b.example']")), ::testing::IsEmpty());
  EXPECT_TRUE(Relays(tunnel));
  EXPECT_EQ(UpgradeStatus(proxy, backend, "Origin: https://a.example\r\n", false), 403);
}

TEST(ClientAddresses, AreTheSocketsWhereNobodySaysOtherwise) {
  Backend backend;
  const RunningProxy denied(OneCluster({&backend}, "client_addresses: {deny: [127.0.0.0/8]}"));
  EXPECT_EQ(UpgradeStatus(denied, backend, "X-Forwarded-For: 192.0.2.1\r\n", false), 403);
  denied.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="address_denied"})", 1);
  const RunningProxy others(OneCluster({&backend}, "client_addresses: {allow: [192.0.2.0/24]}"));
  EXPECT_EQ(UpgradeStatus(others, backend, "X-Forwarded-For: 192.0.2.1\r\n", false), 403)
      << "anybody can say so";
  const RunningProxy allowed(OneCluster({&backend}, "client_addresses: {allow: [127.0.0.1]}"));
  EXPECT_EQ(UpgradeStatus(allowed, backend, "", true), 101);
}

std::string BehindABalancer(const Backend& backend, std::string_view listener) {
  return fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0, trusted_proxies: [127.0.0.0/8]{}}}]\n"
      "virtual_hosts:\n"
      "- name: all\n"
      "  domains: ['*']\n"
      "  routes:\n"
      "  - {{name: all, match: {{prefix: /}}, cluster: app, client_addresses: {{allow: [192.0.2.0/24], deny: "
      "[192.0.2.9]}}}}\n"
      "clusters: [{{name: app, endpoints: [{{address: '{}'}}]}}]\n",
      listener, backend.address().ToString());
}

TEST(ClientAddresses, AreWhatATrustedProxySays) {
  Backend backend;
  const RunningProxy proxy(BehindABalancer(backend, ""));
  EXPECT_EQ(UpgradeStatus(proxy, backend, "X-Forwarded-For: 192.0.2.1\r\n", true), 101);
  EXPECT_EQ(UpgradeStatus(proxy, backend, "X-Forwarded-For: 192.0.2.9\r\n", false), 403);
  EXPECT_EQ(UpgradeStatus(proxy, backend, "X-Forwarded-For: 192.0.2.1, 203.0.113.5\r\n", false), 403)
      << "the last address that is not a trusted proxy's counts";
  EXPECT_EQ(UpgradeStatus(proxy, backend, "", false), 403) << "the balancer itself is not in the list";
}

TEST(ClientAddresses, AreWhatThePROXYHeaderSays) {
  Backend backend;
  const RunningProxy proxy(BehindABalancer(backend, ", proxy_protocol: REQUIRED"));
  const auto ask = [&](std::string_view address) {
    Socket client = proxy.Connect();
    client.Send(fmt::format("PROXY TCP4 {} 198.51.100.1 1000 80\r\n", address) + GetRequest("/"));
    return client;
  };
  Socket refused = ask("192.0.2.9");
  EXPECT_EQ(ReceiveResponse(refused).head.status(), 403);
  EXPECT_TRUE(backend.Idle());
  Socket served = ask("192.0.2.8");
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("x-real-ip"), "192.0.2.8");
  EXPECT_EQ(Rejected(proxy, "address_denied"), 0) << "not an upgrade";
}

}  // namespace
}  // namespace fairlead::testing
