#include "pkg/drain/drains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/drain/cluster_test.h"

namespace fairlead::drain {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DrainsTest : public ClusterTest {
 protected:
  DrainsTest() : ClusterTest(2) {
    Update();
    tunnels_.Open(endpoint(0), 50);
    tunnels_.Open(endpoint(1), 50);
  }

  Drains::Handle Begin(Plan plan) {
    plan.begun = [this](uint64_t id, size_t members) { begun_.emplace_back(id, members); };
    Drains::Handle handle = drains_.Begin(std::move(plan));
    loop::RunIdle(loop_);
    return handle;
  }

  std::vector<std::pair<uint64_t, size_t>> begun_;
};

TEST_F(DrainsTest, TellsWhomeverItIsAboutAndSaysHowMany) {
  const auto all = Begin({.pace = {.rate = 10}});
  const auto one = Begin({.who = {.at = endpoint(0).get()}, .pace = {.rate = 10}});
  const auto none = Begin({.who = {.route = "other"}});
  EXPECT_THAT(begun_, ElementsAre(std::pair(1, 100), std::pair(2, 50), std::pair(0, 0)));
  EXPECT_EQ(none->progress.state, State::kDone);
  EXPECT_THAT(reported_, SizeIs(2));
  EXPECT_EQ(reported_[0].id, 2u);
  EXPECT_EQ(reported_[1].rate, 10);
  EXPECT_EQ(all->progress.total, 100u);
}

TEST_F(DrainsTest, LeavesOutWhoIsNotChosen) {
  Begin({.choose = [](auto& members) { members.resize(3); }});
  EXPECT_THAT(tunnels_.shut, SizeIs(3));
}

TEST_F(DrainsTest, ADryRunTellsNobody) {
  Begin({.choose = [](auto& members) { members.resize(30); }, .dry_run = true});
  EXPECT_THAT(begun_, ElementsAre(std::pair(0, 30)));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  EXPECT_THAT(reported_, IsEmpty());
}

TEST_F(DrainsTest, LooksWhoHasGoneAndEnds) {
  const auto drain = Begin({.pace = {.rate = 50}});
  for (int i = 0; i < 5; ++i) {
    Pass(seconds(1));
    tunnels_.GoAllThatWereShut();
  }
  Pass(seconds(1));
  EXPECT_EQ(drain->progress.state, State::kDone);
  EXPECT_EQ(drain->progress.gone, 100u);
  EXPECT_EQ(reported_.at(0).progress, drain->progress);
}

TEST_F(DrainsTest, ALateOneHasNoMoreThanTheTimeThatIsLeft) {
  Begin({.pace = {.even = true, .deadline = seconds(10), .notice = seconds(1)}});
  EXPECT_EQ(tunnels_.orders.back().answer_time, tunnel::CloseOrder::kAnswerTime);
  Pass(seconds(9));
  EXPECT_THAT(tunnels_.shut, SizeIs(100));
  EXPECT_LE(tunnels_.orders.back().answer_time, milliseconds(1200));
  Pass(seconds(2));
  EXPECT_EQ(tunnels_.cut.size(), 100u);
  EXPECT_EQ(tunnels_.orders.back().reason, telemetry::CloseReason::kDrainExpired);
}

TEST_F(DrainsTest, LogsItsBeginningAndItsEnd) {
  ::testing::internal::CaptureStdout();
  Begin({.cause = Cause::kEndpoint,
         .cluster = "chat",
         .endpoint = "a",
         .who = {.at = endpoint(0).get()},
         .pace = {.rate = 1, .deadline = seconds(10)}});
  Pass(seconds(12));
  const auto cancelled = Begin({.who = {.at = endpoint(1).get()}, .pace = {.rate = 1}});
  drains_.Cancel(cancelled);
  const std::string said = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(said, HasSubstr("drain 1 (endpoint a of cluster chat) begins: 50 tunnels"));
  EXPECT_THAT(said, HasSubstr("drain 1 (endpoint a of cluster chat) is done: 50 of 50 gone, 50 cut"));
  EXPECT_THAT(said, HasSubstr("drain 2 (requested) is cancelled: 0 of 50 gone, 0 cut"));
}

TEST_F(DrainsTest, OneThatIsCancelledBeforeItHasFoundAnybodyTellsNobody) {
  const Drains::Handle drain =
      drains_.Begin({.begun = [this](uint64_t id, size_t members) { begun_.emplace_back(id, members); }});
  drains_.Cancel(drain);
  loop::RunIdle(loop_);
  EXPECT_EQ(drain->progress.state, State::kCancelled);
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  EXPECT_THAT(begun_, ElementsAre(std::pair(0, 0))) << "whoever asked is told";
}

TEST_F(DrainsTest, OneThatIsCancelledLooksOnUntilThoseWhoWereToldHaveGone) {
  Begin({.pace = {.rate = 10}});
  Pass(seconds(1));
  ASSERT_TRUE(drains_.Obey(1, Command::kCancel));
  const size_t told = tunnels_.shut.size();
  Pass(seconds(3));
  EXPECT_EQ(reported_.at(0).progress.gone, 0u);
  tunnels_.GoAllThatWereShut();
  Pass(seconds(3));
  EXPECT_EQ(reported_.at(0).progress.gone, told);
  EXPECT_EQ(reported_.at(0).progress.state, State::kCancelled);
  EXPECT_THAT(reported_, SizeIs(1)) << "once";
}

TEST_F(DrainsTest, RemembersTheLastOfThoseThatAreOver) {
  for (size_t i = 0; i < Drains::kRemembered + 5; ++i) {
    const auto drain = Begin({.pace = {.rate = 1}});
    drains_.Cancel(drain);
  }
  EXPECT_THAT(reported_, SizeIs(Drains::kRemembered));
  EXPECT_EQ(reported_.front().id, Drains::kRemembered + 5);
}

TEST_F(DrainsTest, TheShutdownGoesEvenlyAndTakesLateComersAlong) {
  causes_.Shutdown({.delay = seconds(2), .window = seconds(11), .close_code = 1001});
  Pass(milliseconds(1900));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  Pass(milliseconds(200));
  size_t before = tunnels_.shut.size();
  tunnels_.Open(endpoint(0), 10);  // their upgrades were under way
  for (int second = 0; second < 9; ++second) {
    Pass(seconds(1));
    EXPECT_NEAR(static_cast<double>(tunnels_.shut.size() - before), 11, 2) << second;
    before = tunnels_.shut.size();
    tunnels_.GoAllThatWereShut();
  }
  Pass(seconds(1));
  EXPECT_THAT(tunnels_.shut, SizeIs(110)) << "each once";
  EXPECT_EQ(tunnels_.orders[0].reason, telemetry::CloseReason::kDrained);
  EXPECT_EQ(tunnels_.orders[0].code, 1001);
  EXPECT_EQ(reported_.back().cause, Cause::kShutdown);
}

TEST_F(DrainsTest, OnceTheShutdownHasBegunNoOtherCauseBegins) {
  causes_.Shutdown({.delay = seconds(2), .window = seconds(30), .close_code = 1001});
  Pass(seconds(3));
  cluster_.load_balancing.policy = config::Policy::kLeastConnections;
  cluster_.resilience.rebalance = config::Rebalance{.min_age = seconds(0)};
  tunnels_.Open(endpoint(1), 100);
  cluster_.endpoints[0].state = config::EndpointState::kDraining;
  Update();
  Pass(seconds(5));
  EXPECT_GT(reported_.size(), 0u);
  for (const DrainStatus& drain : reported_) EXPECT_EQ(drain.cause, Cause::kShutdown);
}

TEST_F(DrainsTest, BeforeItHasBegunTheyDo) {
  causes_.Shutdown({.delay = seconds(20), .window = seconds(30), .close_code = 1001});
  cluster_.endpoints[0].state = config::EndpointState::kDraining;
  Update();
  Pass(seconds(1));
  ASSERT_THAT(reported_, SizeIs(1));
  EXPECT_EQ(reported_[0].cause, Cause::kEndpoint);
}

}  // namespace
}  // namespace fairlead::drain
