#include "pkg/drain/rebalances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "pkg/drain/cluster_test.h"

namespace fairlead::drain {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Verdict = RebalanceAnswer::Verdict;

// A cluster of four that goes by load, and clients that come back at once when they are told to go.
class RebalancesTest : public ClusterTest {
 protected:
  RebalancesTest() : ClusterTest(4) {
    cluster_.load_balancing.policy = config::Policy::kLeastConnections;
    cluster_.resilience.drain->rate = 100;
    cluster_.resilience.rebalance = config::Rebalance();
    Update();
  }

  // A new tunnel goes where the policy says.
  void Come() {
    std::optional<endpoint::Lease> lease = cluster().Pick(std::nullopt, random_);
    tunnels_.Add({.endpoint = lease->shared_endpoint()});
  }
  // Second by second: it is about minutes.
  void Live(base::Duration time) {
    for (; time > base::Duration(0); time -= seconds(1)) {
      clock_.Advance(seconds(1));
      for (int turn = 0; turn < 4; ++turn) loop::Turn(loop_);
      for (size_t moved = tunnels_.GoAllThatWereShut(); moved > 0; --moved) Come();
    }
    loop::RunIdle(loop_);
  }
  void AddFifth() {
    Add("10.0.0.5:80");
    Update();
  }
  double MaxOverMeanNow() const {
    uint64_t most = 0, all = 0;
    for (const auto& endpoint : cluster().endpoints()) {
      most = std::max(most, endpoint->open_tunnels());
      all += endpoint->open_tunnels();
    }
    return static_cast<double>(most * cluster().endpoints().size()) / static_cast<double>(all);
  }
  RebalanceAnswer Start(std::optional<uint32_t> target = std::nullopt, bool dry_run = false,
                        const std::string& name = "chat") {
    RebalanceAnswer given;
    causes_.Rebalance(name, target, dry_run, [&](const RebalanceAnswer& answer) { given = answer; });
    loop::RunIdle(loop_);
    return given;
  }
};

TEST_F(RebalancesTest, LevelsAfterAScaleOut) {
  for (int i = 0; i < 1000; ++i) Come();
  Live(minutes(2));
  EXPECT_THAT(tunnels_.shut, IsEmpty()) << "they are level";
  AddFifth();
  EXPECT_NEAR(MaxOverMeanNow(), 1.25, 0.01);
  Live(minutes(10));
  EXPECT_LE(MaxOverMeanNow(), 1.1);
  EXPECT_NEAR(static_cast<double>(tunnels_.shut.size()), 120, 10) << "no more than have to";
  EXPECT_EQ(tunnels_.orders[0].reason, telemetry::CloseReason::kRebalanced);
  const size_t moved = tunnels_.shut.size();
  Live(minutes(30));
  EXPECT_THAT(tunnels_.shut, SizeIs(moved)) << "and then it is quiet";
}

TEST_F(RebalancesTest, ComesToRestWhateverThePolicyAndTheLoads) {
  const config::Policy policies[] = {config::Policy::kLeastConnections, config::Policy::kRandomTwoChoices};
  for (const config::Policy policy : policies) {
    cluster_.load_balancing.policy = policy;
    Update();
    for (int run = 0; run < 3; ++run) {
      for (size_t place = 0; place < 4; ++place) tunnels_.Open(endpoint(place), random_() % 300 + 20);
      Live(minutes(60));
      EXPECT_LE(MaxOverMeanNow(), 1.11) << static_cast<int>(policy);
      const size_t moved = tunnels_.shut.size();
      Live(minutes(20));
      EXPECT_THAT(tunnels_.shut, SizeIs(moved)) << "it flaps";
    }
  }
}

TEST_F(RebalancesTest, LeavesTheYoungAlone) {
  tunnels_.Open(endpoint(0), 100);
  Live(seconds(50));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  Live(seconds(20));
  EXPECT_GT(tunnels_.shut.size(), 0u);
}

TEST_F(RebalancesTest, RestsBetweenTwo) {
  tunnels_.Open(endpoint(0), 100);
  Live(minutes(2));
  const size_t moved = tunnels_.shut.size();
  EXPECT_GT(moved, 0u);
  tunnels_.Open(endpoint(1), 200);
  Live(minutes(3));
  EXPECT_THAT(tunnels_.shut, SizeIs(moved));
  EXPECT_EQ(Start().verdict, Verdict::kResting);
  Live(minutes(5));
  EXPECT_GT(tunnels_.shut.size(), moved);
}

TEST_F(RebalancesTest, StopsWhenOthersHaveGoneByThemselves) {
  cluster_.resilience.drain->rate = 1;
  Update();
  tunnels_.Open(endpoint(0), 100);
  for (size_t place = 1; place < 4; ++place) tunnels_.Open(endpoint(place), 20);
  Live(seconds(65));
  const size_t told = tunnels_.shut.size();
  EXPECT_GT(told, 0u);
  for (uint64_t id = 1; id <= 100 && endpoint(0)->open_tunnels() > 20; ++id) {
    if (tunnels_.open().contains(id)) tunnels_.Go(id);
  }
  Live(seconds(60));
  EXPECT_LE(tunnels_.shut.size(), told + 2);
}

TEST_F(RebalancesTest, WithoutTheSettingItWaitsToBeAsked) {
  cluster_.resilience.rebalance.reset();
  Update();
  tunnels_.Open(endpoint(0), 100);
  Live(minutes(5));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  const RebalanceAnswer dry = Start(std::nullopt, true);
  EXPECT_EQ(dry.max_over_mean, 4);
  EXPECT_EQ(dry.target, 1.1);
  EXPECT_EQ(dry.moves, 73u) << "of 100, 27 may stay: 25 and a tenth";
  EXPECT_EQ(dry.drain_id, 0u);
  Live(seconds(5));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  const RebalanceAnswer answer = Start(2000);
  EXPECT_EQ(answer.moves, 50u);
  EXPECT_EQ(answer.drain_id, 1u);
  EXPECT_EQ(Start().verdict, Verdict::kUnderWay);
  Live(seconds(10));
  EXPECT_THAT(tunnels_.shut, SizeIs(50));
}

TEST_F(RebalancesTest, SaysWhatItCannotLevel) {
  EXPECT_EQ(Start(std::nullopt, false, "other").verdict, Verdict::kNoCluster);
  cluster_.load_balancing = {.policy = config::Policy::kMaglev, .hash_key = {config::SourceIpKey{}}};
  cluster_.resilience.rebalance.reset();
  Update();
  EXPECT_EQ(Start().verdict, Verdict::kHashes);
  cluster_.load_balancing.policy = config::Policy::kRoundRobin;
  Update();
  EXPECT_EQ(Start().verdict, Verdict::kRoundRobin) << "those that go would be dealt over all";
  cluster_.load_balancing.policy = config::Policy::kLeastConnections;
  cluster_.resilience.sticky_cookie = config::StickyCookie();
  Update();
  EXPECT_EQ(Start().verdict, Verdict::kSticky) << "they would come back to where they were";
}

TEST_F(RebalancesTest, GivesANewcomerWhatItHasGrownInto) {
  cluster_.load_balancing.slow_start = minutes(10);
  Update();
  for (int i = 0; i < 400; ++i) Come();
  Live(minutes(2));
  AddFifth();  // with the least share: it has its part of it
  EXPECT_EQ(Start(std::nullopt, true).moves, 0u);
  endpoint(4)->SetShare(endpoint::kWholeShare);
  EXPECT_GT(Start(std::nullopt, true).moves, 0u);
}

TEST_F(RebalancesTest, AnEndpointThatRecoversIsNotEmptied) {
  for (int i = 0; i < 400; ++i) Come();
  Live(minutes(2));
  endpoint(0)->SetShare(1);
  Live(minutes(3));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  EXPECT_EQ(Start(std::nullopt, true).max_over_mean, 1) << "its part says nothing of how full it may be";
}

TEST_F(RebalancesTest, CountsWhatThePolicyCounts) {
  endpoint(0)->AddActive(60);  // plain requests that last
  for (int i = 0; i < 90; ++i) Come();
  Live(minutes(3));
  EXPECT_THAT(tunnels_.shut, IsEmpty()) << "they would come back to where they were";
  endpoint(0)->AddActive(-60);
  Live(minutes(3));
  EXPECT_LE(MaxOverMeanNow(), 1.11);
  endpoint(0)->AddActive(1000);
  EXPECT_EQ(Start(1100, true).moves, endpoint(0)->open_tunnels()) << "there are no more";
  endpoint(0)->AddActive(-1000);
}

TEST_F(RebalancesTest, MovesNoMoreThanTheOthersHaveRoomFor) {
  tunnels_.Open(endpoint(0), 100);
  for (size_t place = 1; place < 4; ++place) tunnels_.Open(endpoint(place), 25);
  EXPECT_EQ(Start(std::nullopt, true).moves, 0u) << "they are young";
  Live(minutes(1) - seconds(1));
  cluster_.resilience.limits.max_connections_per_endpoint = 30;
  cluster_.resilience.drain->rate = 1;
  Update();
  Live(seconds(2));
  EXPECT_EQ(reported_.at(0).progress.total, 15u);
  const size_t before = tunnels_.shut.size();
  endpoint(1)->AddActive(5);  // others take the places that one has
  Live(seconds(60));
  EXPECT_LE(tunnels_.shut.size(), before + 10);
  endpoint(1)->AddActive(-5);
}

TEST_F(RebalancesTest, OneThatWasCancelledWaitsForAChange) {
  cluster_.resilience.drain->rate = 1;
  Update();
  tunnels_.Open(endpoint(0), 100);
  Live(seconds(70));
  ASSERT_TRUE(drains_.Obey(reported_.at(0).id, Command::kCancel));
  const size_t told = tunnels_.shut.size();
  Live(minutes(20));
  EXPECT_THAT(tunnels_.shut, SizeIs(told));
  cluster_.resilience.drain->rate = 10;
  Update();
  Live(seconds(20));
  EXPECT_GT(tunnels_.shut.size(), told);
}

TEST_F(RebalancesTest, OneThatIsAskedForEndsTheWait) {
  cluster_.resilience.drain->rate = 1;
  Update();
  tunnels_.Open(endpoint(0), 100);
  Live(seconds(70));
  ASSERT_TRUE(drains_.Obey(reported_.at(0).id, Command::kCancel));
  Live(minutes(6));
  EXPECT_EQ(Start(2000).verdict, Verdict::kFine);
  Live(minutes(3));
  EXPECT_LE(MaxOverMeanNow(), 2);
  Live(minutes(10));
  EXPECT_LE(MaxOverMeanNow(), 1.11) << "and goes by itself again";
}

}  // namespace
}  // namespace fairlead::drain
