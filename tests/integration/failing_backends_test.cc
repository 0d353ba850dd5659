#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/integration/answering_backend.h"
#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Key;
using ::testing::Pair;

// Three backends in turn, with these keys of their cluster.
class FailingBackends : public ::testing::Test {
 protected:
  std::string Config(std::string_view cluster) const {
    return fmt::format(
        "listeners: [{{name: web, address: 127.0.0.1:0}}]\n"
        "virtual_hosts:\n"
        "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
        "clusters: [{{name: app, endpoints: [{}, {}, {}], {}}}]\n",
        a_.endpoint(), b_.endpoint(), c_.endpoint(), cluster);
  }
  // Asks for a tunnel: the name of the backend that it leads to, or the status that came instead.
  std::string Open(const RunningProxy& proxy) {
    Socket client = proxy.Connect();
    client.Send(UpgradeRequest());
    const Head head = Head::Receive(client);
    if (head.status() != 101) return std::to_string(head.status());
    clients_.push_back(std::move(client));
    return head.Get("X-Backend").value_or("");
  }
  std::map<std::string, int> OpenMany(const RunningProxy& proxy, int tunnels) {
    std::map<std::string, int> outcomes;
    for (int i = 0; i < tunnels; ++i) ++outcomes[Open(proxy)];
    return outcomes;
  }
  static std::string Of(std::string_view family, std::string_view endpoint) {
    return fmt::format("fairlead_endpoint_{}{{cluster=\"app\",endpoint=\"{}\"}}", family, endpoint);
  }
  static bool Healthy(const RunningProxy& proxy, std::string_view endpoint) {
    return proxy.Metric(Of("healthy", endpoint)) == 1;
  }
  // Lets time pass until it holds.
  static void PassUntil(RunningProxy& proxy, const std::function<bool()>& condition) {
    Eventually([&] {
      proxy.Advance(milliseconds(100));
      return condition();
    });
  }

  AnsweringBackend a_{"a"}, b_{"b"}, c_{"c"};
  std::vector<Socket> clients_;
};

TEST_F(FailingBackends, OnceOneIsFoundDeadNoNewTunnelFails) {
  const RunningProxy proxy(Config("outlier: {consecutive_failures: 3}, retries: {attempts: 1}"),
                           {.workers = 2});
  EXPECT_EQ(OpenMany(proxy, 30)["b"], 10);
  b_.Kill();
  int failed = 0;
  while (Healthy(proxy, "b") && failed < 100) failed += OpenMany(proxy, 1)["502"];
  EXPECT_EQ(failed, 3);
  EXPECT_THAT(OpenMany(proxy, 100), ElementsAre(Key("a"), Key("c")));
  EXPECT_EQ(proxy.Metric(Of("ejections_total", "b")), 1);
  EXPECT_EQ(proxy.Metric(Of("connect_failures_total", "b")), 3);
}

TEST_F(FailingBackends, RetriesHideItMeanwhile) {
  const RunningProxy proxy(Config("outlier: {consecutive_failures: 3}"));
  b_.Kill();
  EXPECT_THAT(OpenMany(proxy, 60), ElementsAre(Key("a"), Key("c"))) << "everybody gets a tunnel";
  EXPECT_FALSE(Healthy(proxy, "b"));
  EXPECT_EQ(proxy.Metric("fairlead_retries_total{route=\"all\",cluster=\"app\",result=\"made\"}"), 3);
}

TEST_F(FailingBackends, BackendsThatAnswer5xxAreEjectedToo) {
  const RunningProxy proxy(Config("outlier: {consecutive_failures: 2}"));
  b_.AnswerWith(500);
  EXPECT_EQ(OpenMany(proxy, 60)["500"], 2);
  EXPECT_FALSE(Healthy(proxy, "b"));
  a_.AnswerWith(404);
  EXPECT_THAT(OpenMany(proxy, 20)["404"], Ge(5)) << "not the backend's fault";
  EXPECT_TRUE(Healthy(proxy, "a"));
}

TEST_F(FailingBackends, AnEjectedOneComesBackByItselfAndGoesAtTheNextFailure) {
  RunningProxy proxy(Config("outlier: {consecutive_failures: 3, ejection: 10s}, retries: {attempts: 1}"));
  b_.AnswerWith(503);
  EXPECT_EQ(OpenMany(proxy, 30)["503"], 3);
  proxy.Advance(seconds(9));
  EXPECT_FALSE(Healthy(proxy, "b"));
  proxy.Advance(seconds(2));
  EXPECT_TRUE(Healthy(proxy, "b"));
  EXPECT_EQ(OpenMany(proxy, 30)["503"], 1) << "one is enough now";
  EXPECT_FALSE(Healthy(proxy, "b"));
  b_.AnswerWith(0);
  proxy.Advance(seconds(15));
  EXPECT_FALSE(Healthy(proxy, "b")) << "twice as long the second time";
  proxy.Advance(seconds(6));
  EXPECT_THAT(OpenMany(proxy, 30)["b"], Ge(5));
}

TEST_F(FailingBackends, NoMoreAreEjectedThanMayBe) {
  RunningProxy proxy(
      Config("outlier: {consecutive_failures: 1, max_ejected_percent: 67}, retries: {attempts: 1}"),
      {.workers = 2});
  for (AnsweringBackend* backend : {&a_, &b_, &c_}) backend->AnswerWith(500);
  OpenMany(proxy, 60);
  EXPECT_EQ(proxy.MetricSum("fairlead_endpoint_healthy"), 1);
  for (AnsweringBackend* backend : {&a_, &b_, &c_}) backend->AnswerWith(0);
  EXPECT_EQ(OpenMany(proxy, 30).count("503"), 0u) << "somebody serves still";
}

TEST_F(FailingBackends, WhoFailsItsChecksGetsNothingNewAndKeepsItsTunnels) {
  RunningProxy proxy(Config("health_check: {http: {path: /healthz}, interval: 1s}"), {.workers = 2});
  const int held = OpenMany(proxy, 30)["b"];
  b_.AnswerWith(404);
  PassUntil(proxy, [&] { return !Healthy(proxy, "b"); });
  EXPECT_THAT(OpenMany(proxy, 40), ElementsAre(Key("a"), Key("c")));
  EXPECT_EQ(proxy.Metric(Of("open_tunnels", "b")), held) << "what is open lives";
  EXPECT_EQ(proxy.Apply(Config("health_check: {http: {path: /other}, interval: 1s}")),
            std::vector<std::string>());
  EXPECT_FALSE(Healthy(proxy, "b")) << "a push forgets nothing";
  b_.AnswerWith(0);
  PassUntil(proxy, [&] { return Healthy(proxy, "b"); });
  EXPECT_THAT(OpenMany(proxy, 30)["b"], Ge(5));
}

TEST_F(FailingBackends, OneThatDiesIsFoundByItsChecksBeforeAnyClientComes) {
  RunningProxy proxy(Config("health_check: {tcp: {}, interval: 1s}, retries: {attempts: 1}"));
  PassUntil(proxy, [&] { return Healthy(proxy, "b"); });
  proxy.Advance(seconds(3));
  b_.Kill();
  PassUntil(proxy, [&] { return !Healthy(proxy, "b"); });
  EXPECT_THAT(OpenMany(proxy, 60), ElementsAre(Key("a"), Key("c")));
  EXPECT_EQ(proxy.Metric(Of("connect_failures_total", "b")), 0);
}

TEST_F(FailingBackends, WhenNobodyIsHealthyAllAreTried) {
  RunningProxy proxy(
      Config("health_check: {http: {path: /healthz, expected_statuses: [204]}, interval: 1s}"));
  PassUntil(proxy, [&] { return proxy.MetricSum("fairlead_endpoint_healthy") == 0; });
  EXPECT_THAT(OpenMany(proxy, 30), ElementsAre(Key("a"), Key("b"), Key("c")));
}

TEST_F(FailingBackends, AFullClusterSaysSo) {
  RunningProxy proxy(Config("limits: {max_connections: 5}"), {.workers = 2});
  EXPECT_EQ(OpenMany(proxy, 8)["503"], 3);
  proxy.AwaitMetric("fairlead_upgrades_rejected_total{listener=\"web\",reason=\"cluster_full\"}", 3);
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest());
  EXPECT_TRUE(Head::Receive(client).Get("Retry-After"));
  clients_.back().Reset();
  clients_.pop_back();
  Eventually([&] { return OpenMany(proxy, 1).count("503") == 0; });
  EXPECT_EQ(proxy.Apply(Config("limits: {}")), std::vector<std::string>());
  EXPECT_EQ(OpenMany(proxy, 8).count("503"), 0u);
}

TEST_F(FailingBackends, AFullEndpointIsPassedOver) {
  const RunningProxy proxy(Config("limits: {max_connections_per_endpoint: 4}"), {.workers = 2});
  EXPECT_THAT(OpenMany(proxy, 20), ElementsAre(Pair("503", 8), Pair("a", 4), Pair("b", 4), Pair("c", 4)));
}

TEST_F(FailingBackends, UpgradesASecondAreCountedOverAllWorkers) {
  std::string config = Config("limits: {}");
  const std::string listener = "address: 127.0.0.1:0";
  config.insert(config.find(listener) + listener.size(), ", limits: {upgrades_per_second: 6}");
  RunningProxy proxy(config, {.workers = 2});
  EXPECT_EQ(OpenMany(proxy, 20)["503"], 14);
  proxy.Advance(milliseconds(500));
  EXPECT_EQ(OpenMany(proxy, 20)["503"], 17);
  proxy.AwaitMetric("fairlead_upgrades_rejected_total{listener=\"web\",reason=\"surge\"}", 31);
}

}  // namespace
}  // namespace fairlead::testing
