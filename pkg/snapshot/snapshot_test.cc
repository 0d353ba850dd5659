#include "pkg/snapshot/snapshot.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::snapshot {
namespace {

config::Cluster MakeCluster(std::string name, const std::string& address) {
  config::Cluster cluster;
  cluster.name = std::move(name);
  cluster.endpoints.resize(1);
  cluster.endpoints[0].address = *base::SocketAddress::Parse(address);
  return cluster;
}

config::VirtualHost MakeHost(const std::string& cluster) {
  config::VirtualHost host;
  host.name = "all";
  host.domains = {"*"};
  host.routes.resize(1);
  host.routes[0].name = "to-" + cluster;
  host.routes[0].match.path = config::PrefixMatch{"/"};
  host.routes[0].action = std::vector<config::WeightedCluster>{{cluster, 1}};
  return host;
}

config::Config MakeConfig() {
  config::Config config;
  config.listeners.resize(1);
  config.listeners[0].name = "web";
  config.listeners[0].address = *base::SocketAddress::Parse("0.0.0.0:8080");
  config.listeners[0].limits.max_connections = 7;
  config.listeners[0].trusted_proxies = {*base::Cidr::Parse("10.0.0.0/8")};
  config.virtual_hosts = {MakeHost("chat")};
  config.clusters = {MakeCluster("news", "192.0.2.1:80"), MakeCluster("chat", "192.0.2.2:80")};
  return config;
}

class SnapshotTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Snapshot> Next(const config::Config& config, const ResolvedNames& resolved = {}) {
    current_ = Compile(std::make_shared<const config::Config>(config), resolved, current_.get(), registry_,
                       ++revision_);
    return current_;
  }

  endpoint::Registry registry_{1};
  base::Random random_{1};
  std::shared_ptr<const Snapshot> current_;
  uint64_t revision_ = 0;
};

TEST_F(SnapshotTest, CarriesTheConfiguration) {
  config::Config config = MakeConfig();
  config.drain.window = base::Duration(77);
  const auto snapshot = Next(config);
  EXPECT_EQ(snapshot->revision(), 1);
  EXPECT_EQ(snapshot->config(), config);
  EXPECT_EQ(snapshot->drain().window, base::Duration(77));
  ASSERT_NE(snapshot->FindListener("web"), nullptr);
  const Listener& listener = *snapshot->FindListener("web");
  EXPECT_EQ(listener.address, config.listeners[0].address);
  EXPECT_EQ(listener.limits.max_connections, 7);
  EXPECT_EQ(listener.trusted_proxies, config.listeners[0].trusted_proxies);
  EXPECT_EQ(snapshot->FindListener("other"), nullptr);
}

TEST_F(SnapshotTest, LeadsFromARequestToAnEndpoint) {
  const auto snapshot = Next(MakeConfig());
  const http1::Fields none;
  const route::RequestView request = {.method = "GET", .host = "a.example.com", .path = "/", .headers = none};
  const route::Route* route = snapshot->FindListener("web")->routes->Match(request);
  ASSERT_NE(route, nullptr);
  const Cluster& cluster = snapshot->ClusterOf(route->PickTarget(random_));
  EXPECT_EQ(cluster.name(), "chat");
  EXPECT_EQ(cluster.Pick(cluster.Key(request), random_)->endpoint().label(), "192.0.2.2:80");
}

TEST_F(SnapshotTest, SharesWhatDidNotChange) {
  const auto before = Next(MakeConfig());
  const auto after = Next(MakeConfig());
  EXPECT_NE(before, after);
  EXPECT_EQ(before->clusters(), after->clusters());
  EXPECT_EQ(before->listeners()[0].routes, after->listeners()[0].routes);
}

TEST_F(SnapshotTest, RebuildsOnlyTheClusterThatChanged) {
  config::Config config = MakeConfig();
  const auto before = Next(config);
  config.clusters[1].endpoints[0].weight = 5;
  const auto after = Next(config);
  EXPECT_EQ(before->clusters()[0], after->clusters()[0]);
  EXPECT_NE(before->clusters()[1], after->clusters()[1]);
  EXPECT_EQ(before->clusters()[1]->endpoints(), after->clusters()[1]->endpoints());
  EXPECT_EQ(before->listeners()[0].routes, after->listeners()[0].routes);
}

TEST_F(SnapshotTest, FindsClustersAgainByName) {
  config::Config config = MakeConfig();
  const auto before = Next(config);
  config.clusters.insert(config.clusters.begin(), MakeCluster("new", "192.0.2.9:80"));
  const auto after = Next(config);
  EXPECT_EQ(before->clusters()[0], after->clusters()[1]);
  EXPECT_EQ(before->clusters()[1], after->clusters()[2]);
  // The routes count clusters by place, and those have moved.
  EXPECT_NE(before->listeners()[0].routes, after->listeners()[0].routes);
  const http1::Fields none;
  const route::Route* route = after->listeners()[0].routes->Match({.path = "/", .headers = none});
  EXPECT_EQ(after->ClusterOf(route->PickTarget(random_)).name(), "chat");
}

TEST_F(SnapshotTest, RecompilesRoutesThatChanged) {
  config::Config config = MakeConfig();
  const auto before = Next(config);
  config.virtual_hosts[0].routes[0].timeouts.idle = base::Duration(1);
  const auto after = Next(config);
  EXPECT_NE(before->listeners()[0].routes, after->listeners()[0].routes);
  EXPECT_EQ(before->clusters(), after->clusters());
}

TEST_F(SnapshotTest, TakesListenerSettingsFromTheNewConfiguration) {
  config::Config config = MakeConfig();
  const auto before = Next(config);
  config.listeners[0].limits.max_connections = 8;
  const auto after = Next(config);
  EXPECT_EQ(after->listeners()[0].limits.max_connections, 8);
  EXPECT_EQ(before->listeners()[0].routes, after->listeners()[0].routes);
}

class SnapshotDnsTest : public SnapshotTest {
 protected:
  SnapshotDnsTest() {
    config_.clusters[1].endpoints.clear();
    config_.clusters[1].dns = config::Dns{"chat.example.com", 80};
  }

  static ResolvedNames Resolved(const std::vector<std::string>& addresses) {
    ResolvedNames resolved;
    for (const std::string& address : addresses) resolved["chat"].push_back(*base::IpAddress::Parse(address));
    return resolved;
  }

  config::Config config_ = MakeConfig();
};

TEST_F(SnapshotDnsTest, HasNoEndpointsBeforeTheFirstAnswer) {
  const auto snapshot = Next(config_);
  EXPECT_TRUE(snapshot->clusters()[1]->endpoints().empty());
  EXPECT_FALSE(snapshot->clusters()[1]->Pick(std::nullopt, random_));
}

TEST_F(SnapshotDnsTest, RebuildsAClusterWhenItsAddressesChange) {
  const auto before = Next(config_, Resolved({"192.0.2.2"}));
  const auto after = Next(config_, Resolved({"192.0.2.2", "192.0.2.3"}));
  EXPECT_NE(before->clusters()[1], after->clusters()[1]);
  ASSERT_EQ(after->clusters()[1]->endpoints().size(), 2);
  EXPECT_EQ(before->clusters()[1]->endpoints()[0], after->clusters()[1]->endpoints()[0]);
  EXPECT_EQ(before->clusters()[0], after->clusters()[0]);
}

TEST_F(SnapshotDnsTest, DoesNotCareForOrderOrRepeatsInAnAnswer) {
  const auto before = Next(config_, Resolved({"192.0.2.2", "192.0.2.3"}));
  const auto after = Next(config_, Resolved({"192.0.2.3", "192.0.2.2", "192.0.2.3"}));
  EXPECT_EQ(before->clusters()[1], after->clusters()[1]);
}

TEST_F(SnapshotTest, RemembersTheTunnelsOfAnEndpointThatWentAndCameBack) {
  const config::Config config = MakeConfig();
  config::Config without = config;
  without.clusters[1].endpoints.clear();
  std::optional<endpoint::Lease> tunnel = Next(config)->clusters()[1]->Pick(std::nullopt, random_);
  tunnel->BecomeTunnel();
  Next(without);
  EXPECT_EQ(Next(config)->clusters()[1]->endpoints()[0]->open_tunnels(), 1);
}

TEST_F(SnapshotTest, IsNotKeptByATunnel) {
  std::optional<endpoint::Lease> tunnel = Next(MakeConfig())->clusters()[1]->Pick(std::nullopt, random_);
  const std::weak_ptr<const Snapshot> watch = current_;
  const std::weak_ptr<const Cluster> cluster = current_->clusters()[1];
  current_.reset();
  EXPECT_TRUE(watch.expired());
  EXPECT_TRUE(cluster.expired());
  EXPECT_EQ(tunnel->endpoint().address(), *base::SocketAddress::Parse("192.0.2.2:80"));
}

TEST_F(SnapshotTest, ForgetsEndpointsThatNobodyHolds) {
  config::Config config = MakeConfig();
  Next(config);
  config.clusters[0].endpoints[0].address = *base::SocketAddress::Parse("192.0.2.77:80");
  Next(config);
  std::vector<std::string> labels;
  for (const endpoint::Sample& sample : registry_.Samples()) labels.push_back(sample.endpoint);
  EXPECT_EQ(labels, (std::vector<std::string>{"192.0.2.2:80", "192.0.2.77:80"}));
}

}  // namespace
}  // namespace fairlead::snapshot
