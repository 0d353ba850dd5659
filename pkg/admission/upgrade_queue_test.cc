#include "pkg/admission/upgrade_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "tests/support/fake_clock.h"

namespace fairlead::admission {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Ten a second, after a first burst of ten that is over.
class UpgradeQueueTest : public ::testing::Test {
 protected:
  UpgradeQueueTest() {
    SetRate(10);
    for (int i = 0; i < 10; ++i) rates_.Take(std::nullopt, clock_.Now());
  }

  // As when a configuration comes: all workers have it before this one hears of it.
  void SetRate(uint32_t per_second) {
    rates_.SetLimits({.per_second = per_second, .queue = 100, .patience = seconds(10)}, clock_.Now());
  }
  void Come(int who) {
    const UpgradeTurn turn = queue_.Ask(std::nullopt, clock_.Now());
    ASSERT_EQ(turn.verdict, UpgradeTurn::Verdict::kLater);
    places_[who] = queue_.Join(turn, waiting_, [this, who](UpgradeQueue::Outcome call) {
      (call == UpgradeQueue::Outcome::kTurn ? served_ : refused_).push_back(who);
      places_.erase(who);
    });
  }
  void Leave(int who) { places_.erase(who); }
  void Pass(milliseconds time) {
    clock_.Advance(time);
    wheel_.Advance(clock_.Now());
  }

  testing::FakeClock clock_;
  base::DeadlineWheel wheel_{clock_.Now()};
  UpgradeRates rates_{1};
  telemetry::Gauge waiting_;
  UpgradeQueue queue_{wheel_, rates_};
  std::map<int, std::unique_ptr<UpgradeQueue::Place>> places_;
  std::vector<int> served_;
  std::vector<int> refused_;
};

TEST_F(UpgradeQueueTest, ServesInOrderAndAtThePace) {
  for (int who = 1; who <= 20; ++who) Come(who);
  EXPECT_EQ(waiting_.value(), 20);
  Pass(milliseconds(50));
  EXPECT_THAT(served_, IsEmpty());
  Pass(milliseconds(500));
  EXPECT_LE(served_.size(), 5u);
  EXPECT_GE(served_.size(), 4u);
  Pass(seconds(2));
  EXPECT_EQ(served_.size(), 20u);
  EXPECT_TRUE(std::is_sorted(served_.begin(), served_.end()));
  EXPECT_EQ(waiting_.value(), 0);
}

TEST_F(UpgradeQueueTest, WhoLeavesLetsThoseBehindMoveUp) {
  for (int who = 1; who <= 4; ++who) Come(who);
  Leave(1);
  Leave(3);
  EXPECT_EQ(waiting_.value(), 2);
  Pass(milliseconds(300));
  EXPECT_THAT(served_, ElementsAre(2, 4));
  EXPECT_EQ(waiting_.value(), 0);
  EXPECT_EQ(rates_.Take(std::nullopt, clock_.Now()).verdict, UpgradeTurn::Verdict::kNow)
      << "the turns of those who left are not lost";
}

TEST_F(UpgradeQueueTest, ALaterTurnThatIsGivenBackGoesToWhoeverWaitsLongest) {
  for (int who = 1; who <= 3; ++who) Come(who);
  // At another worker three have left, whose turns were before these.
  for (int i = 0; i < 3; ++i) rates_.GiveBack();
  for (int who = 4; who <= 6; ++who) Come(who);
  Pass(milliseconds(400));
  EXPECT_THAT(served_, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(UpgradeQueueTest, SomebodyMayLeaveAtAnothersTurn) {
  for (int who = 1; who <= 3; ++who) Come(who);
  const UpgradeTurn turn = queue_.Ask(std::nullopt, clock_.Now());
  places_[4] = queue_.Join(turn, waiting_, [this](UpgradeQueue::Outcome) {
    served_.push_back(4);
    places_.clear();
  });
  Come(5);
  Pass(seconds(2));
  EXPECT_THAT(served_, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(waiting_.value(), 0);
}

TEST_F(UpgradeQueueTest, AHigherRateHoldsForThoseWhoWait) {
  SetRate(1);
  queue_.FollowRate();
  for (int who = 1; who <= 5; ++who) Come(who);
  SetRate(100);
  queue_.FollowRate();
  Come(6);
  Pass(milliseconds(100));
  EXPECT_THAT(served_, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(UpgradeQueueTest, ALowerRateHoldsForThoseWhoWait) {
  for (int who = 1; who <= 3; ++who) Come(who);
  SetRate(1);
  Pass(milliseconds(500));  // before it is told
  EXPECT_THAT(served_, IsEmpty());
  queue_.FollowRate();
  Pass(milliseconds(600));
  EXPECT_THAT(served_, ElementsAre(1));
  Pass(seconds(2));
  EXPECT_THAT(served_, ElementsAre(1, 2, 3));
}

TEST_F(UpgradeQueueTest, WhomALowerRateIsTooSlowForIsToldAtOnceAndMakesRoom) {
  for (int who = 1; who <= 30; ++who) Come(who);
  SetRate(1);
  queue_.FollowRate();
  EXPECT_EQ(refused_.size(), 20u) << "ten seconds are the longest that anybody waits";
  EXPECT_EQ(refused_.front(), 11);
  EXPECT_EQ(waiting_.value(), 10);
  EXPECT_EQ(queue_.Ask(std::nullopt, clock_.Now()).verdict, UpgradeTurn::Verdict::kTooMany);
  Leave(5);
  Come(31);
  Pass(seconds(11));
  EXPECT_THAT(served_, ElementsAre(1, 2, 3, 4, 6, 7, 8, 9, 10, 31));
}

TEST_F(UpgradeQueueTest, SomebodyMayLeaveAsAnotherIsToldThatItIsTooLate) {
  for (int who = 1; who <= 10; ++who) Come(who);
  places_[11] =
      queue_.Join(queue_.Ask(std::nullopt, clock_.Now()), waiting_, [this](UpgradeQueue::Outcome call) {
        EXPECT_EQ(call, UpgradeQueue::Outcome::kTooLate);
        places_.clear();
      });
  for (int who = 12; who <= 20; ++who) Come(who);
  SetRate(1);
  queue_.FollowRate();
  EXPECT_THAT(refused_, IsEmpty());
  EXPECT_EQ(waiting_.value(), 0);
  Pass(seconds(1));
  EXPECT_EQ(queue_.Ask(std::nullopt, clock_.Now()).verdict, UpgradeTurn::Verdict::kNow);
}

TEST_F(UpgradeQueueTest, WithoutARateAllAreServedInOrderAndNobodyOvertakes) {
  for (int who = 1; who <= 3; ++who) Come(who);
  SetRate(0);
  queue_.FollowRate();
  Come(4);
  Pass(milliseconds(100));
  EXPECT_THAT(served_, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(queue_.Ask(std::nullopt, clock_.Now()).verdict, UpgradeTurn::Verdict::kNow);
}

TEST_F(UpgradeQueueTest, SoManyAreServedAtOnceThatOthersNeedNotWaitLong) {
  rates_.SetLimits({.per_second = 1000, .queue = 5000, .patience = seconds(10)}, clock_.Now());
  for (int who = 1; who <= 2500; ++who) Come(who);
  SetRate(0);
  queue_.FollowRate();
  Pass(milliseconds(100));
  EXPECT_EQ(served_.size(), 1000u);
  Pass(milliseconds(100));
  Pass(milliseconds(100));
  EXPECT_EQ(served_.size(), 2500u);
  EXPECT_TRUE(std::is_sorted(served_.begin(), served_.end()));
}

}  // namespace
}  // namespace fairlead::admission
