#include "pkg/drain/drains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "pkg/endpoint/lease.h"
#include "pkg/endpoint/registry.h"
#include "pkg/loop/test_turns.h"
#include "tests/support/fake_clock.h"

namespace fairlead::drain {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Tunnels that are a number each. They go when the test says so, or are cut.
class FakeTunnels final : public Tunnels {
 public:
  void Open(const std::shared_ptr<endpoint::Endpoint>& endpoint, size_t count) {
    for (; count > 0; --count) {
      endpoint->AddTunnels(1);
      open_[++last_] = endpoint;
    }
  }
  void Go(uint64_t id) {
    open_.at(id)->AddTunnels(-1);
    open_.erase(id);
  }
  void GoAllThatWereShut() {
    for (const Member& member : shut) {
      if (open_.contains(member.id)) Go(member.id);
    }
  }

  void Find(const tunnel::Selector& selector, loop::Loop& loop, Found found) override {
    std::vector<Member> members;
    for (const auto& [id, endpoint] : open_) {
      if (endpoint.get() == selector.at)
        members.push_back({.id = id, .worker = 0, .opened_at = {}, .endpoint = 0});
    }
    loop.Post(
        [found = std::move(found), members = std::move(members)]() mutable { found(std::move(members)); });
  }
  void Shut(const std::vector<Member>& members, const tunnel::CloseOrder& order) override {
    shut.insert(shut.end(), members.begin(), members.end());
    orders.push_back(order);
  }
  void Cut(const std::vector<Member>& members, const tunnel::CloseOrder& order) override {
    orders.push_back(order);
    for (const Member& member : members) {
      cut.push_back(member.id);
      Go(member.id);
    }
  }

  std::vector<Member> shut;
  std::vector<uint64_t> cut;
  std::vector<tunnel::CloseOrder> orders;

 private:
  std::map<uint64_t, std::shared_ptr<endpoint::Endpoint>> open_;
  uint64_t last_ = 0;
};

class DrainsTest : public ::testing::Test {
 protected:
  DrainsTest() {
    cluster_.name = "chat";
    cluster_.resilience.drain = {
        .rate = 10, .jitter_percent = 0, .deadline = seconds(60), .close_code = 1013};
    Add("10.0.0.1:80");
    Add("10.0.0.2:80");
    Update();
    one_ = snapshot_->clusters()[0]->endpoints()[0];
    two_ = snapshot_->clusters()[0]->endpoints()[1];
  }
  ~DrainsTest() override { loop::RunIdle(loop_); }

  void Add(std::string_view address) {
    cluster_.endpoints.emplace_back();
    cluster_.endpoints.back().address = *base::SocketAddress::Parse(address);
  }
  void Update() {
    config::Config config;
    if (present_) config.clusters = {cluster_};
    snapshot_ = snapshot::Compile(std::make_shared<const config::Config>(config), {}, snapshot_.get(),
                                  registry_, ++revision_);
    drains_.Update(snapshot_);
    loop::RunIdle(loop_);
  }
  void SetDraining(bool draining) {
    cluster_.endpoints[0].state =
        draining ? config::EndpointState::kDraining : config::EndpointState::kActive;
    Update();
  }
  void Remove() {
    cluster_.endpoints.erase(cluster_.endpoints.begin());
    Update();
  }
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
  FakeTunnels tunnels_;
  std::vector<DrainStatus> reported_;
  config::Cluster cluster_;
  bool present_ = true;
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  std::shared_ptr<endpoint::Endpoint> one_, two_;
  uint64_t revision_ = 0;
  Drains drains_{loop_, tunnels_, clock_, 1,
                 [this](std::vector<DrainStatus> all) { reported_ = std::move(all); }};
};

TEST_F(DrainsTest, NobodyIsToldWhileAllStay) {
  tunnels_.Open(one_, 10);
  Pass(seconds(5));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  EXPECT_THAT(reported_, IsEmpty());
}

TEST_F(DrainsTest, TellsThoseOfAnEndpointThatDrainsAtItsPace) {
  tunnels_.Open(one_, 50);
  tunnels_.Open(two_, 50);
  SetDraining(true);
  EXPECT_THAT(tunnels_.shut, SizeIs(1));
  Pass(seconds(1));
  EXPECT_NEAR(static_cast<double>(tunnels_.shut.size()), 11, 1);
  EXPECT_EQ(tunnels_.orders[0].reason, telemetry::CloseReason::kEndpointDrained);
  EXPECT_EQ(tunnels_.orders[0].code, 1013);
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, SizeIs(50));
  for (const Member& member : tunnels_.shut) EXPECT_LE(member.id, 50u);
}

TEST_F(DrainsTest, TellsThoseOfAnEndpointThatWasRemoved) {
  tunnels_.Open(one_, 20);
  Remove();
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(20));
}

TEST_F(DrainsTest, AClusterThatGoesLeavesItsSettingsBehind) {
  tunnels_.Open(one_, 5);
  tunnels_.Open(two_, 5);
  present_ = false;
  Update();
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(10));
}

TEST_F(DrainsTest, WithoutSettingsTheyStay) {
  cluster_.resilience.drain.reset();
  Update();
  tunnels_.Open(one_, 5);
  SetDraining(true);
  Remove();
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
}

TEST_F(DrainsTest, CutsAtTheDeadlineWhoHasNotGone) {
  tunnels_.Open(one_, 3);
  SetDraining(true);
  Pass(seconds(5));
  tunnels_.Go(2);
  Pass(seconds(54));
  EXPECT_THAT(tunnels_.cut, IsEmpty());
  Pass(seconds(2));
  EXPECT_THAT(tunnels_.cut, ::testing::UnorderedElementsAre(1, 3));
  EXPECT_EQ(tunnels_.orders.back().reason, telemetry::CloseReason::kDrainExpired);
  Pass(seconds(2));
  ASSERT_THAT(reported_, SizeIs(1));
  EXPECT_EQ(reported_[0].progress.state, State::kDone);
  EXPECT_EQ(reported_[0].progress.gone, 3u);
}

TEST_F(DrainsTest, AnEndpointThatComesBackKeepsTheOthers) {
  tunnels_.Open(one_, 50);
  SetDraining(true);
  Pass(seconds(1));
  const size_t told = tunnels_.shut.size();
  SetDraining(false);
  Pass(seconds(100));
  EXPECT_THAT(tunnels_.shut, SizeIs(told));
  EXPECT_THAT(tunnels_.cut, IsEmpty());
  EXPECT_EQ(reported_.at(0).progress.state, State::kCancelled);
}

TEST_F(DrainsTest, SettingsThatGoEndWhatIsUnderWay) {
  tunnels_.Open(one_, 50);
  SetDraining(true);
  cluster_.resilience.drain.reset();
  Update();
  Pass(seconds(100));
  EXPECT_THAT(tunnels_.shut, SizeIs(1));
}

TEST_F(DrainsTest, ALatecomerIsLetGoToo) {
  tunnels_.Open(one_, 1);
  SetDraining(true);
  tunnels_.Open(one_, 1);  // its upgrade was under way
  tunnels_.GoAllThatWereShut();
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(2));
}

TEST_F(DrainsTest, AReusedLabelIsAnotherEndpoint) {
  cluster_.endpoints[0].id = "pod-0";
  Update();
  const auto old = snapshot_->clusters()[0]->endpoints()[0];
  tunnels_.Open(old, 3);
  cluster_.endpoints[0].address = *base::SocketAddress::Parse("10.0.0.9:80");
  Update();
  tunnels_.Open(snapshot_->clusters()[0]->endpoints()[0], 3);
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(3));
}

TEST_F(DrainsTest, CanBePausedResumedAndCancelled) {
  tunnels_.Open(one_, 50);
  SetDraining(true);
  Pass(base::DeadlineWheel::kTick);  // what is new is told once a tick
  const uint64_t id = reported_.at(0).id;
  EXPECT_TRUE(drains_.Direct(id, Direction::kPause));
  EXPECT_EQ(reported_.at(0).progress.state, State::kPaused);
  const size_t before = tunnels_.shut.size();
  Pass(seconds(100));
  EXPECT_THAT(tunnels_.shut, SizeIs(before));
  EXPECT_TRUE(drains_.Direct(id, Direction::kResume));
  Pass(seconds(1));
  EXPECT_NEAR(static_cast<double>(tunnels_.shut.size()), static_cast<double>(before + 10), 1);
  EXPECT_TRUE(drains_.Direct(id, Direction::kCancel));
  const size_t told = tunnels_.shut.size();
  Pass(seconds(100));
  EXPECT_THAT(tunnels_.shut, SizeIs(told));
  EXPECT_FALSE(drains_.Direct(id, Direction::kCancel));
  EXPECT_FALSE(drains_.Direct(id + 1, Direction::kPause));
  SetDraining(false);
  SetDraining(true);
  Pass(seconds(1));
  EXPECT_GT(tunnels_.shut.size(), told) << "it leaves anew";
}

TEST_F(DrainsTest, EachEndpointHasItsOwn) {
  tunnels_.Open(one_, 20);
  tunnels_.Open(two_, 20);
  for (auto& endpoint : cluster_.endpoints) endpoint.state = config::EndpointState::kDraining;
  Update();
  Pass(milliseconds(900));
  EXPECT_THAT(reported_, SizeIs(2));
  EXPECT_NEAR(static_cast<double>(tunnels_.shut.size()), 20, 2);
}

}  // namespace
}  // namespace fairlead::drain
