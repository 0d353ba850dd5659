#include "pkg/admission/upgrade_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    rates_.SetLimits({.per_second = 10, .queue = 100, .patience = seconds(10)});
    for (int i = 0; i < 10; ++i) rates_.Take(std::nullopt, clock_.Now());
  }

  void Come(int who) {
    const UpgradeTurn turn = rates_.Take(std::nullopt, clock_.Now());
    ASSERT_EQ(turn.verdict, UpgradeTurn::Verdict::kLater);
    places_[who] = queue_.Join(turn.at, waiting_, [this, who] {
      served_.push_back(who);
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
  UpgradeTurn turn = rates_.Take(std::nullopt, clock_.Now());
  places_[4] = queue_.Join(turn.at, waiting_, [this] {
    served_.push_back(4);
    places_.clear();
  });
  Come(5);
  Pass(seconds(2));
  EXPECT_THAT(served_, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(waiting_.value(), 0);
}

}  // namespace
}  // namespace fairlead::admission
