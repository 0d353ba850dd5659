#include "pkg/drain/endpoint_drains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/drain/cluster_test.h"

namespace fairlead::drain {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EndpointDrainsTest : public ClusterTest {
 protected:
  EndpointDrainsTest() : ClusterTest(2) {
    cluster_.resilience.drain->close_code = 1013;
    Update();
    one_ = endpoint(0);
    two_ = endpoint(1);
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

  std::shared_ptr<endpoint::Endpoint> one_, two_;
};

TEST_F(EndpointDrainsTest, NobodyIsToldWhileAllStay) {
  tunnels_.Open(one_, 10);
  Pass(seconds(5));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  EXPECT_THAT(reported_, IsEmpty());
}

TEST_F(EndpointDrainsTest, TellsThoseOfAnEndpointThatDrainsAtItsPace) {
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

TEST_F(EndpointDrainsTest, TellsThoseOfAnEndpointThatWasRemoved) {
  tunnels_.Open(one_, 20);
  Remove();
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(20));
}

TEST_F(EndpointDrainsTest, AClusterThatGoesLeavesItsSettingsBehind) {
  tunnels_.Open(one_, 5);
  tunnels_.Open(two_, 5);
  has_cluster_ = false;
  Update();
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(10));
}

TEST_F(EndpointDrainsTest, WithoutSettingsTheyStay) {
  cluster_.resilience.drain.reset();
  Update();
  tunnels_.Open(one_, 5);
  SetDraining(true);
  Remove();
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
}

TEST_F(EndpointDrainsTest, CutsAtTheDeadlineWhoHasNotGone) {
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

TEST_F(EndpointDrainsTest, AnEndpointThatComesBackKeepsTheOthers) {
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

TEST_F(EndpointDrainsTest, SettingsThatGoEndWhatIsUnderWay) {
  tunnels_.Open(one_, 50);
  SetDraining(true);
  cluster_.resilience.drain.reset();
  Update();
  Pass(seconds(100));
  EXPECT_THAT(tunnels_.shut, SizeIs(1));
}

TEST_F(EndpointDrainsTest, ALatecomerIsLetGoToo) {
  tunnels_.Open(one_, 1);
  SetDraining(true);
  tunnels_.Open(one_, 1);  // its upgrade was under way
  tunnels_.GoAllThatWereShut();
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(2));
}

TEST_F(EndpointDrainsTest, ALatecomerOfOneThatWasRemovedIsLetGoToo) {
  one_->AddActive(1);  // its upgrade is under way
  Remove();
  Pass(seconds(3));
  tunnels_.Open(one_, 1);
  one_->AddActive(-1);
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(1));
}

TEST_F(EndpointDrainsTest, AReusedLabelIsAnotherEndpoint) {
  cluster_.endpoints[0].id = "pod-0";
  Update();
  const auto old = endpoint(0);
  tunnels_.Open(old, 3);
  cluster_.endpoints[0].address = *base::SocketAddress::Parse("10.0.0.9:80");
  Update();
  tunnels_.Open(endpoint(0), 3);
  Pass(seconds(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(3));
}

TEST_F(EndpointDrainsTest, CanBePausedResumedAndCancelled) {
  tunnels_.Open(one_, 50);
  SetDraining(true);
  Pass(base::DeadlineWheel::kTick);  // what is new is told once a tick
  const uint64_t id = reported_.at(0).id;
  EXPECT_TRUE(drains_.Obey(id, Command::kPause));
  EXPECT_EQ(reported_.at(0).progress.state, State::kPaused);
  const size_t before = tunnels_.shut.size();
  Pass(seconds(100));
  EXPECT_THAT(tunnels_.shut, SizeIs(before));
  EXPECT_TRUE(drains_.Obey(id, Command::kResume));
  Pass(seconds(1));
  EXPECT_NEAR(static_cast<double>(tunnels_.shut.size()), static_cast<double>(before + 10), 1);
  EXPECT_TRUE(drains_.Obey(id, Command::kCancel));
  const size_t told = tunnels_.shut.size();
  Pass(seconds(100));
  EXPECT_THAT(tunnels_.shut, SizeIs(told));
  EXPECT_FALSE(drains_.Obey(id, Command::kCancel));
  EXPECT_FALSE(drains_.Obey(id + 1, Command::kPause));
  SetDraining(false);
  SetDraining(true);
  Pass(seconds(2));
  EXPECT_GT(tunnels_.shut.size(), told) << "it leaves anew";
}

TEST_F(EndpointDrainsTest, EachEndpointHasItsOwn) {
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
