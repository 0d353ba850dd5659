#include "pkg/apply/impact.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "pkg/apply/summary.h"
#include "pkg/apply/test_applier.h"
#include "pkg/endpoint/lease.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kRoutes[] = R"(
listeners: [{name: web, address: "127.0.0.1:8080"}, {name: old, address: "127.0.0.1:8081"}]
virtual_hosts:
- name: host
  domains: ["*"]
  routes:
  - {name: ws, match: {prefix: /ws}, cluster: chat}
  - {name: gone, match: {prefix: /gone}, cluster: chat}
)";
constexpr char kOtherRoutes[] = R"(
listeners: [{name: web, address: "127.0.0.1:8080"}]
virtual_hosts:
- name: host
  domains: ["*"]
  routes:
  - {name: first, match: {prefix: /first}, cluster: chat}
  - {name: ws, match: {prefix: /ws}, cluster: chat}
)";

class CompareSnapshotsTest : public ::testing::Test {
 protected:
  std::shared_ptr<const snapshot::Snapshot> Compile(const std::string& yaml,
                                                    const snapshot::Snapshot* previous = nullptr) {
    return snapshot::Compile(std::make_shared<const config::Config>(ConfigOf(yaml)), {}, previous, registry_,
                             1);
  }
  Impact Compare(const std::string& before, const std::string& after) {
    const auto old = Compile(before);
    return CompareSnapshots(old.get(), *Compile(after, old.get()));
  }

  endpoint::Registry registry_{1};
};

TEST_F(CompareSnapshotsTest, FindsNothingWhereNothingChanged) {
  EXPECT_EQ(Compare(TestYaml(kRoutes), TestYaml(kRoutes)), Impact{});
  EXPECT_EQ(Summarize(Impact{}), "nothing changed");
}

TEST_F(CompareSnapshotsTest, NamesRoutesAndListenersThatGo) {
  const Impact impact = Compare(TestYaml(kRoutes), TestYaml(kOtherRoutes));
  EXPECT_THAT(impact.listeners_removed, ElementsAre("old"));
  EXPECT_THAT(impact.routes_removed, ElementsAre("gone"));
  EXPECT_THAT(impact.changed, ElementsAre("listeners[old]", "virtual_hosts[host].routes[gone]",
                                          "virtual_hosts[host].routes[first]"));
  EXPECT_EQ(impact.changed_total, 3u);
  EXPECT_THAT(impact.clusters, IsEmpty());
}

TEST_F(CompareSnapshotsTest, NamesRoutesAndClustersWhoseTunnelsAreToldToGo) {
  std::string routes = kRoutes;
  routes.replace(routes.find("prefix: /gone}"), 14, "prefix: /gone}, on_removed: DRAIN");
  const Impact gone = Compare(TestYaml(routes), TestYaml(kOtherRoutes));
  EXPECT_THAT(gone.routes_removed, ElementsAre("gone"));
  EXPECT_THAT(gone.routes_drained, ElementsAre("gone"));
  EXPECT_THAT(Compare(TestYaml(kRoutes), TestYaml(kOtherRoutes)).routes_drained, IsEmpty());

  const std::string before =
      "clusters: [{name: two, drain: {}, endpoints: [{address: '10.0.0.1:1'}, {address: '10.0.0.2:1'}]}]";
  const std::string after = "clusters: [{name: two, drain: {}, endpoints: [{address: '10.0.0.1:1'}]}]";
  EXPECT_TRUE(Compare(before, after).clusters.at(0).drains);
  EXPECT_TRUE(Compare(before, "{}").clusters.at(0).drains);
  EXPECT_FALSE(
      Compare(before, "clusters: [{name: two, endpoints: [{address: '10.0.0.1:1'}]}]").clusters.at(0).drains);
}

TEST_F(CompareSnapshotsTest, TakesEverythingForNewWhereNothingRan) {
  const Impact impact = CompareSnapshots(nullptr, *Compile(TestYaml(kRoutes)));
  ASSERT_THAT(impact.clusters, SizeIs(2));
  EXPECT_THAT(impact.clusters[0].endpoints_added, ElementsAre("a", "b", "c"));
  EXPECT_EQ(impact.clusters[0].keys_moved, std::nullopt);
}

TEST_F(CompareSnapshotsTest, TellsAChangedEndpointFromANewOne) {
  std::string after = TestYaml();
  after.replace(after.find("9001\""), 5, "9001\", weight: 7");
  const Impact impact = Compare(TestYaml(), after);
  EXPECT_THAT(impact.changed, ElementsAre("clusters[chat].endpoints[a]", "clusters[pods].endpoints[a]"));
  EXPECT_THAT(impact.clusters[0].endpoints_added, IsEmpty());
  EXPECT_GT(*impact.clusters[0].keys_moved, 0.2);
}

TEST_F(CompareSnapshotsTest, NamesAClusterOfWhichItCannotTellWhatChanged) {
  const std::string before =
      "clusters: [{name: two, endpoints: [{address: '10.0.0.1:1'}, {address: '10.0.0.2:1'}]}]";
  const std::string after =
      "clusters: [{name: two, endpoints: [{address: '10.0.0.2:1'}, {address: '10.0.0.1:1'}]}]";
  EXPECT_THAT(Compare(before, after).changed, ElementsAre("clusters[two]"));
}

TEST_F(CompareSnapshotsTest, NamesEverySettingOfACluster) {
  const auto yaml = [](const std::string& setting) {
    return "clusters: [{name: two, endpoints: [{address: '10.0.0.1:1'}], load_balancing: {policy: MAGLEV}" +
           setting + "}]";
  };
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"health_check", "{tcp: {}}"},
                                                        {"outlier", "{consecutive_failures: 3}"},
                                                        {"limits", "{max_connections: 9}"},
                                                        {"retries", "{attempts: 3}"},
                                                        {"source_addresses", "['127.0.0.2']"},
                                                        {"sticky_cookie", "{name: s}"},
                                                        {"drain", "{rate: 5}"},
                                                        {"misplaced", "MOVE"}}) {
    const Impact impact = Compare(yaml(""), yaml(", " + name + ": " + value));
    EXPECT_THAT(impact.changed, ElementsAre("clusters[two]." + name));
  }
}

TEST_F(CompareSnapshotsTest, AnotherHashKeyMovesEverything) {
  const auto yaml = [](const std::string& key) {
    return "clusters: [{name: two, endpoints: [{address: '10.0.0.1:1'}, {address: '10.0.0.2:1'}], "
           "load_balancing: {policy: MAGLEV, hash_key: [" +
           key + "]}}]";
  };
  const auto before = Compile(yaml("{header: x-user}"));
  const auto tunnel = endpoint::Lease::Take(before->clusters()[0]->endpoints()[0]);
  before->clusters()[0]->endpoints()[0]->AddTunnels(1);
  const Impact impact = CompareSnapshots(before.get(), *Compile(yaml("{header: x-tenant}"), before.get()));
  EXPECT_EQ(impact.clusters[0].keys_moved, 1);
  EXPECT_EQ(impact.clusters[0].tunnels_misplaced, 1u);
}

// For every policy: the shares before and after, and the tunnels that are where they would not be placed.
TEST_F(CompareSnapshotsTest, TellsSharesAndMisplacedTunnels) {
  for (const std::string policy :
       {"ROUND_ROBIN", "LEAST_CONNECTIONS", "RANDOM_TWO_CHOICES", "RING_HASH", "MAGLEV", "RENDEZVOUS"}) {
    const auto yaml = [&](const std::string& of_c) {
      return fmt::format(R"(
clusters:
- name: chat
  load_balancing: {{policy: {}}}
  endpoints:
  - {{id: a, address: "127.0.0.1:9001", weight: 2}}
  - {{id: b, address: "127.0.0.1:9002"}}
  - {{id: c, address: "127.0.0.1:9003", {}}}
)",
                         policy, of_c);
    };
    const auto before = Compile(yaml("weight: 1"));
    std::vector<endpoint::Lease> tunnels;
    for (int i = 0; i < 30; ++i) {
      tunnels.push_back(*endpoint::Lease::Take(before->clusters()[0]->endpoints()[i % 3]));
      tunnels.back().BecomeTunnel();
    }
    const auto after = Compile(yaml("state: DRAINING"), before.get());
    const ClusterImpact impact = CompareSnapshots(before.get(), *after).clusters.at(0);
    EXPECT_THAT(impact.shares,
                ElementsAre(EndpointShare{"a", 0.5, 2.0 / 3, 10}, EndpointShare{"b", 0.25, 1.0 / 3, 10},
                            EndpointShare{"c", 0.25, 0, 10}));
    // Those of the one that drains, and with a hashed policy next to none of the others'.
    EXPECT_GE(impact.tunnels_misplaced, 10u) << policy;
    EXPECT_LE(impact.tunnels_misplaced, 13u) << policy;
    EXPECT_EQ(impact.keys_moved.has_value(), after->clusters()[0]->places_by_key());
  }
}

TEST_F(CompareSnapshotsTest, ARouteThatMovesToAnotherHostIsNotGone) {
  const auto hosts = [](const std::string& of_a, const std::string& of_b) {
    return fmt::format(R"(
virtual_hosts:
- {{name: a, domains: [a.example.com], routes: [{}]}}
- {{name: b, domains: [b.example.com], routes: [{}]}}
clusters: [{{name: chat, endpoints: []}}]
)",
                       of_a, of_b);
  };
  const std::string moving = "{name: ws, match: {prefix: /ws}, cluster: chat}";
  const std::string going = "{name: old, match: {prefix: /old}, cluster: chat}";
  const Impact impact = Compare(hosts(moving + ", " + going, ""), hosts("", moving));
  EXPECT_THAT(impact.routes_removed, ElementsAre("old"));
  EXPECT_EQ(impact.routes_removed_total, 1u);
}

TEST_F(CompareSnapshotsTest, CountsWhatItDoesNotName) {
  std::string yaml = "clusters:\n- name: many\n  endpoints:\n";
  const std::string none = "clusters: [{name: many, endpoints: []}]";
  for (int i = 0; i < 1500; ++i) yaml += fmt::format("  - {{address: \"10.0.{}.{}:1\"}}\n", i / 250, i % 250);
  const Impact impact = Compare(none, yaml);
  EXPECT_THAT(impact.changed, SizeIs(Impact::kMaxChanged));
  EXPECT_EQ(impact.changed_total, 1500u);
  EXPECT_THAT(impact.clusters[0].endpoints_added, SizeIs(Impact::kMaxChanged));
  EXPECT_EQ(impact.clusters[0].endpoints_added_total, 1500u);
  EXPECT_EQ(impact.clusters[0].shares_total, 1500u);
  EXPECT_LT(BytesOf(impact), 1u << 20);
}

}  // namespace
}  // namespace fairlead::apply
