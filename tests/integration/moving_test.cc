#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;

std::string ClosedFor(std::string_view reason) {
  return fmt::format(R"(fairlead_tunnels_closed_total{{route="all",cluster="app",reason="{}"}})", reason);
}

// Tunnels over up to five backends of one cluster, which a change lets go or leaves alone.
class Moving : public ::testing::Test {
 protected:
  // With the first `backends` of them; `cluster` is added to the cluster's keys, `routes` to the route's.
  std::string Config(size_t backends, std::string_view cluster, std::string_view route = "") const {
    std::string endpoints;
    for (size_t i = 0; i < backends; ++i) {
      endpoints += fmt::format("  - {{id: b{}, address: '{}'}}\n", i, backends_[i].address().ToString());
    }
    return fmt::format(
        "listeners: [{{name: web, address: 127.0.0.1:0}}]\n"
        "virtual_hosts:\n- name: all\n  domains: ['*']\n"
        "  routes:\n  - {{name: other, match: {{prefix: /other}}, cluster: app}}\n{}"
        "clusters:\n- name: app\n  drain: {{rate: 0}}\n{}  endpoints:\n{}",
        route.empty() ? "" : fmt::format("  - {{name: all, match: {{prefix: /}}, cluster: app{}}}\n", route),
        cluster, endpoints);
  }
  void Start(size_t backends, std::string_view cluster, std::string_view route = ", upgrades: ['*']") {
    proxy_.emplace(Config(backends, cluster, route), RunningProxy::Options{.workers = 2});
  }
  void Apply(const std::string& config) { EXPECT_THAT(proxy_->Apply(config), IsEmpty()); }

  // Opens one wherever the proxy takes it to; returns which backend that is. No WebSocket in truth, so that
  // it ends at once when it is told to.
  size_t Open(std::string_view headers = "", std::string_view path = "/ws") {
    Socket client = proxy_->Connect();
    client.Send(UpgradeRequest(path, headers));
    size_t at = 0;
    Eventually([&] {
      for (at = 0; at < backends_.size(); ++at) {
        if (!backends_[at].Idle()) return true;
      }
      return false;
    });
    Socket backend = backends_[at].Accept();
    Head::Receive(backend);
    backend.Send(UpgradeResponse());
    EXPECT_EQ(Head::Receive(client).status(), 101);
    tunnels_.push_back({.client = std::move(client), .backend = std::move(backend)});
    EXPECT_TRUE(Relays(tunnels_.back()));
    return at;
  }
  double OpenAt(size_t backend) const {
    return proxy_->Metric(
        fmt::format(R"(fairlead_endpoint_open_tunnels{{cluster="app",endpoint="b{}"}})", backend));
  }

  std::array<Backend, 5> backends_;
  std::optional<RunningProxy> proxy_;
  std::vector<TunnelEnds> tunnels_;
};

constexpr std::string_view kHashed =
    "  load_balancing: {policy: MAGLEV, hash_key: [{header: x-user}]}\n  misplaced: MOVE\n";

TEST_F(Moving, AfterAScaleOutOnlyMisplacedTunnelsGo) {
  Start(4, kHashed);
  std::vector<size_t> before;
  const auto user = [](size_t i) { return fmt::format("X-User: {}\r\n", i); };
  for (size_t i = 0; i < 60; ++i) before.push_back(Open(user(i)));
  Apply(Config(5, kHashed, ", upgrades: ['*']"));
  proxy_->Advance(seconds(2));
  std::vector<TunnelEnds> opened = std::move(tunnels_);
  tunnels_.clear();
  size_t moved = 0;
  for (size_t i = 0; i < opened.size(); ++i) {
    const bool moves = Open(user(i)) != before[i];
    moved += moves;
    if (moves) {
      EXPECT_EQ(opened[i].client.ReceiveToEnd(), "") << i;
    } else {
      EXPECT_TRUE(Relays(opened[i])) << i;
    }
  }
  EXPECT_GT(moved, 3u);
  EXPECT_LT(moved, 30u);
  proxy_->AwaitMetric(ClosedFor("misplaced"), static_cast<double>(moved));
}

TEST_F(Moving, ARemovedRouteTakesItsTunnelsAlongIfItSaysSo) {
  Start(1, "", ", on_removed: DRAIN");
  Open();
  Open();
  Open("", "/other");
  Apply(Config(1, ""));
  proxy_->AwaitMetric(ClosedFor("route_removed"), 2);
  EXPECT_EQ(tunnels_[0].client.ReceiveToEnd(), "");
  EXPECT_TRUE(Relays(tunnels_[2]));
}

TEST_F(Moving, ARemovedRouteKeepsItsTunnelsOtherwise) {
  Start(1, "");
  Open();
  Apply(Config(1, ""));
  proxy_->Advance(seconds(10));
  EXPECT_TRUE(Relays(tunnels_[0]));
}

TEST_F(Moving, AfterAFifthBackendCameTheOthersLetGoWhatIsTooMuch) {
  constexpr std::string_view kLevelled =
      "  load_balancing: {policy: LEAST_CONNECTIONS}\n"
      "  rebalance: {target: 1.1, min_age: 30s, cooldown: 1m}\n";
  Start(4, kLevelled);
  for (size_t i = 0; i < 60; ++i) Open();
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(OpenAt(i), 15);
  Apply(Config(5, kLevelled, ", upgrades: ['*']"));
  proxy_->Advance(seconds(20));
  EXPECT_EQ(proxy_->Metric(ClosedFor("rebalanced")), 0) << "they are young";
  proxy_->Advance(seconds(15));
  proxy_->AwaitMetric(ClosedFor("rebalanced"), 8);
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(Open(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(OpenAt(i), 13);
  proxy_->Advance(minutes(3));
  EXPECT_EQ(proxy_->Metric(ClosedFor("rebalanced")), 8);
}

}  // namespace
}  // namespace fairlead::testing
