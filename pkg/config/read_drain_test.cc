#include "pkg/config/read_drain.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/load.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Cluster(std::string_view policy, std::string_view more) {
  return fmt::format("clusters: [{{name: c, endpoints: [], load_balancing: {{policy: {}}}, {}}}]", policy,
                     more);
}

std::string Route(std::string_view more) {
  return fmt::format(
      "clusters: [{{name: c, endpoints: []}}]\n"
      "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, {}}}]}}]",
      more);
}

TEST(ReadDrain, TakesEveryOrder) {
  for (const auto& [name, order] : {std::pair("RANDOM", DrainOrder::kRandom),
                                    {"OLDEST", DrainOrder::kOldest},
                                    {"NEWEST", DrainOrder::kNewest},
                                    {"EVENLY", DrainOrder::kEvenly}}) {
    const Loaded loaded = LoadYaml(fmt::format("drain: {{order: {}}}", name));
    ASSERT_TRUE(loaded.file) << name;
    EXPECT_EQ(loaded.file->config.drain.order, order);
  }
}

TEST(ReadDrain, MisplacedTunnelsMoveWherePlacesGoByKey) {
  const Loaded loaded = LoadYaml(Cluster("MAGLEV", "misplaced: MOVE"));
  ASSERT_TRUE(loaded.file);
  EXPECT_EQ(loaded.file->config.clusters[0].resilience.misplaced, Misplaced::kMove);
  EXPECT_THAT(ViolationsOf(Cluster("LEAST_CONNECTIONS", "misplaced: KEEP")), IsEmpty());
  EXPECT_THAT(ViolationsOf(Cluster("LEAST_CONNECTIONS", "misplaced: MOVE")),
              ElementsAre(HasSubstr("clusters[0].misplaced: is of no use to a policy that does not hash")));
}

TEST(ReadDrain, ARebalanceIsForPoliciesThatGoByLoad) {
  const Loaded loaded =
      LoadYaml(Cluster("RANDOM_TWO_CHOICES", "rebalance: {target: 1.025, min_age: 5m, cooldown: 0s}"));
  ASSERT_TRUE(loaded.file);
  const Rebalance wanted{
      .target_permille = 1025, .min_age = std::chrono::minutes(5), .cooldown = base::Duration(0)};
  EXPECT_EQ(loaded.file->config.clusters[0].resilience.rebalance, wanted);
  for (const char* policy : {"MAGLEV", "ROUND_ROBIN"}) {
    EXPECT_THAT(
        ViolationsOf(Cluster(policy, "rebalance: {}")),
        ElementsAre(HasSubstr("clusters[0].rebalance: is of no use to a policy that does not go by load")))
        << policy;
  }
  for (const char* target : {"1", "0.5", "10.1"}) {
    EXPECT_THAT(ViolationsOf(Cluster("RANDOM_TWO_CHOICES", fmt::format("rebalance: {{target: {}}}", target))),
                ElementsAre(HasSubstr(fmt::format("rebalance.target: {} is out of range", target))))
        << target;
  }
  EXPECT_THAT(ViolationsOf(Cluster("RANDOM_TWO_CHOICES", "rebalance: {target: 1.0001}")),
              ElementsAre(HasSubstr("rebalance.target: 1.0001 is too fine")));
}

TEST(ReadDrain, WhomACookieBringsBackIsNotMoved) {
  EXPECT_THAT(ViolationsOf(Cluster("MAGLEV", "misplaced: MOVE, sticky_cookie: {}")),
              ElementsAre(HasSubstr("clusters[0].misplaced: cannot move clients that sticky_cookie")));
  EXPECT_THAT(ViolationsOf(Cluster("LEAST_CONNECTIONS", "rebalance: {}, sticky_cookie: {}")),
              ElementsAre(HasSubstr("clusters[0].rebalance: cannot move clients that sticky_cookie")));
  EXPECT_THAT(ViolationsOf(Cluster("MAGLEV", "misplaced: KEEP, sticky_cookie: {}")), IsEmpty());
}

TEST(ReadDrain, ARouteMayTakeItsTunnelsAlong) {
  const Loaded loaded = LoadYaml(Route("cluster: c, on_removed: DRAIN"));
  ASSERT_TRUE(loaded.file);
  EXPECT_EQ(loaded.file->config.virtual_hosts[0].routes[0].on_removed, OnRemoved::kDrain);
  EXPECT_THAT(ViolationsOf(Route("redirect: {scheme: https}, on_removed: DRAIN")),
              ElementsAre(HasSubstr("on_removed: is of no use beside redirect")));
}

}  // namespace
}  // namespace fairlead::config
