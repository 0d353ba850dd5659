#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/integration/named_backends.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string Balanced(std::string_view policy, const std::vector<std::string>& endpoints) {
  return fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0, trusted_proxies: [127.0.0.0/8]}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
      "clusters:\n"
      "- name: app\n"
      "  load_balancing: {{{}}}\n"
      "  endpoints: [{}]\n",
      policy, fmt::join(endpoints, ", "));
}

std::string From(std::string_view client) {
  return GetRequest("/", fmt::format("X-Forwarded-For: {}\r\n", client));
}

constexpr std::string_view kMaglev = "policy: MAGLEV, hash_key: [{source_ip: {}}]";

TEST(Balancing, RoundRobinTakesTurns) {
  NamedBackends backends;
  const RunningProxy proxy(
      Balanced("policy: ROUND_ROBIN", {backends.Add("a"), backends.Add("b"), backends.Add("c")}));
  std::map<std::string, int> counts;
  for (int i = 0; i < 30; ++i) ++counts[backends.AnswerTo(proxy, GetRequest("/"))];
  EXPECT_THAT(counts, ElementsAre(Pair("a", 10), Pair("b", 10), Pair("c", 10)));
}

TEST(Balancing, LeastConnectionsFillsUpWhoHasFewerTunnels) {
  NamedBackends backends;
  const RunningProxy proxy(Balanced("policy: LEAST_CONNECTIONS", {backends.Add("a"), backends.Add("b")}));
  Backend& a = backends.Get("a");
  Backend& b = backends.Get("b");
  std::vector<TunnelEnds> at_a, at_b;
  for (int i = 0; i < 20; ++i) {
    Socket client = proxy.Connect();
    client.Send(UpgradeRequest());
    Eventually([&] { return !a.Idle() || !b.Idle(); });
    const bool chose_a = !a.Idle();
    Socket at_backend = (chose_a ? a : b).Accept();
    Head::Receive(at_backend);
    at_backend.Send(UpgradeResponse());
    EXPECT_EQ(Head::Receive(client).status(), 101);
    (chose_a ? at_a : at_b).push_back({.client = std::move(client), .backend = std::move(at_backend)});
  }
  EXPECT_EQ(at_a.size(), 10u);
  EXPECT_EQ(at_b.size(), 10u);
  at_a.clear();
  proxy.AwaitMetric("fairlead_endpoint_open_tunnels{cluster=\"app\",endpoint=\"a\"}", 0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(backends.AnswerTo(proxy, GetRequest("/")), "a");
}

TEST(Balancing, MaglevKeepsAClientWithItsBackend) {
  NamedBackends backends;
  const std::vector<std::string> endpoints{backends.Add("a"), backends.Add("b"), backends.Add("c")};
  RunningProxy proxy(Balanced(kMaglev, endpoints), {.workers = 2});
  std::map<std::string, std::string> chosen;
  std::map<std::string, int> counts;
  for (int i = 0; i < 60; ++i) {
    const std::string client = fmt::format("203.0.113.{}", i);
    chosen[client] = backends.AnswerTo(proxy, From(client));
    ++counts[chosen[client]];
  }
  EXPECT_EQ(counts.size(), 3u);
  for (const auto& [name, count] : counts) EXPECT_GT(count, 8) << name;
  for (const auto& [client, backend] : chosen) {
    EXPECT_EQ(backends.AnswerTo(proxy, From(client)), backend) << client;
  }

  // Without one of them, the clients of the others stay.
  EXPECT_EQ(proxy.Apply(Balanced(kMaglev, {endpoints[0], endpoints[2]})), std::vector<std::string>());
  int moved = 0;
  for (const auto& [client, backend] : chosen) {
    const std::string now = backends.AnswerTo(proxy, From(client));
    EXPECT_NE(now, "b");
    if (backend != "b" && now != backend) ++moved;
  }
  EXPECT_LE(moved, 6);
}

TEST(Balancing, MaglevBelievesNobodyButATrustedProxy) {
  NamedBackends backends;
  std::string config = Balanced(kMaglev, {backends.Add("a"), backends.Add("b"), backends.Add("c")});
  config.replace(config.find("127.0.0.0/8"), 11, "10.0.0.0/8");
  const RunningProxy proxy(config);
  const std::string first = backends.AnswerTo(proxy, From("203.0.113.1"));
  for (int i = 2; i < 30; ++i) {
    EXPECT_EQ(backends.AnswerTo(proxy, From(fmt::format("203.0.113.{}", i))), first);
  }
}

TEST(Balancing, WhoDrainsGetsNothingNew) {
  NamedBackends backends;
  std::string draining = backends.Add("draining");
  draining.insert(draining.size() - 1, ", state: DRAINING");
  std::string weightless = backends.Add("weightless");
  weightless.insert(weightless.size() - 1, ", weight: 0");
  const RunningProxy proxy(Balanced("policy: ROUND_ROBIN", {draining, backends.Add("active"), weightless}));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(backends.AnswerTo(proxy, GetRequest("/")), "active");
}

}  // namespace
}  // namespace fairlead::testing
