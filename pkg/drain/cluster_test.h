#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/drain/causes.h"
#include "pkg/drain/drains.h"
#include "pkg/drain/test_tunnels.h"
#include "pkg/endpoint/registry.h"
#include "pkg/loop/test_turns.h"
#include "tests/support/fake_clock.h"

namespace fairlead::drain {

// For tests: a cluster "chat" with a route "ws" to it, both in the test's hands, and all that lets tunnels
// go.
class ClusterTest : public ::testing::Test {
 protected:
  explicit ClusterTest(size_t endpoints) {
    cluster_.name = "chat";
    cluster_.resilience.drain =
        config::ClusterDrain{.rate = 10, .jitter_percent = 0, .deadline = std::chrono::seconds(60)};
    route_.name = "ws";
    route_.action = std::vector<config::WeightedCluster>{{.name = "chat"}};
    for (size_t i = 1; i <= endpoints; ++i) Add("10.0.0." + std::to_string(i) + ":80");
  }
  ~ClusterTest() override { loop::RunIdle(loop_); }

  void Add(std::string_view address) {
    cluster_.endpoints.emplace_back();
    cluster_.endpoints.back().address = *base::SocketAddress::Parse(address);
  }
  // Puts what the test has made of the cluster and the route in force.
  void Update() {
    config::Config config;
    if (has_cluster_) config.clusters = {cluster_};
    if (has_route_ && has_cluster_)
      config.virtual_hosts = {{.name = "all", .listeners = {}, .domains = {"*"}, .routes = {route_}}};
    snapshot_ = snapshot::Compile(std::make_shared<const config::Config>(config), {}, snapshot_.get(),
                                  registry_, ++revision_);
    causes_.Update(snapshot_);
    loop::RunIdle(loop_);
  }
  const snapshot::Cluster& cluster() const { return *snapshot_->clusters()[0]; }
  std::shared_ptr<endpoint::Endpoint> endpoint(size_t place) const { return cluster().endpoints()[place]; }
  void Pass(base::Duration time) {
    for (; time > base::Duration(0); time -= base::DeadlineWheel::kTick) {
      clock_.Advance(base::DeadlineWheel::kTick);
      loop::Turn(loop_);
      loop::Turn(loop_);
    }
    loop::RunIdle(loop_);
  }

  testing::FakeClock clock_;
  loop::Loop loop_{&clock_};
  endpoint::Registry registry_{1};
  base::Random random_{1};
  FakeTunnels tunnels_{clock_};
  std::vector<DrainStatus> reported_;
  config::Cluster cluster_;
  config::Route route_;
  bool has_cluster_ = true;
  bool has_route_ = true;
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  uint64_t revision_ = 0;
  Drains drains_{loop_, tunnels_, clock_, 1,
                 [this](std::vector<DrainStatus> all) { reported_ = std::move(all); }};
  Causes causes_{loop_, drains_, 1};
};

}  // namespace fairlead::drain
