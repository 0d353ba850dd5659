#include <chrono>
#include <string>

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Applier, LeavesEndpointsOfApiMembershipToTheApi) {
  TestApplier applier(config::Owner::kFile);
  applier.Start();
  EXPECT_TRUE(applier.Submit(Push(SetEndpoints{"pods", {TestEndpoint("x", 9010)}})).applied());
  EXPECT_THAT(applier.Reload(TestYaml("drain: {delay: 1s}")), IsEmpty());
  EXPECT_EQ(applier->current()->drain.delay, base::Duration(1000));
  EXPECT_THAT(applier.Labels("pods"), ElementsAre("x"));
}

TEST(Applier, TakesChangesFromTheOwnerAlone) {
  TestApplier applier(config::Owner::kPush);
  applier.Start();
  const auto violations = applier.Reload(TestYaml("drain: {delay: 1s}"));
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_THAT(violations[0].problem, HasSubstr("PUSH"));
  Change fleet = Push(Add("chat", "d", 9004));
  fleet.origin.source = config::Owner::kFleet;
  EXPECT_EQ(applier.Submit(fleet).verdict, Verdict::kNotOwner);
  fleet.what = Add("pods", "d", 9004);
  EXPECT_EQ(applier.Submit(fleet).verdict, Verdict::kApplied);
}

TEST(Applier, LetsAPersonTakeOverForATime) {
  TestApplier applier(config::Owner::kFile);
  applier.Start();
  Change change = Push(Add("chat", "d", 9004));
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kNotOwner);
  change.override_owner_for = std::chrono::minutes(5);
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kApplied);
  EXPECT_EQ(applier->status().owner, config::Owner::kPush);
  EXPECT_EQ(applier->status().overridden_by->who, "tester");
  EXPECT_THAT(applier.Reload(TestYaml("drain: {delay: 1s}")), SizeIs(1));
  EXPECT_EQ(applier.Submit(Push(Add("chat", "e", 9005))).verdict, Verdict::kApplied);
  applier.clock().Advance(std::chrono::minutes(5));
  EXPECT_EQ(applier->status().owner, config::Owner::kFile);
  EXPECT_EQ(applier.Submit(Push(Add("chat", "f", 9006))).verdict, Verdict::kNotOwner);
  EXPECT_THAT(applier.Reload(TestYaml("drain: {delay: 1s}")), IsEmpty());
  change.override_owner_for = std::chrono::hours(25);
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kInvalid);
}

TEST(Applier, LetsARoleForEndpointsChangeThoseOfApiMembershipAlone) {
  TestApplier applier(config::Owner::kFile);
  applier.Start();
  Change scaler = Push(Add("pods", "d", 9004));
  scaler.endpoints_only = true;
  EXPECT_EQ(applier.Submit(scaler).verdict, Verdict::kApplied);
  scaler.override_owner_for = std::chrono::minutes(5);
  EXPECT_EQ(applier.Submit(scaler).verdict, Verdict::kNotPermitted);
  scaler.what = Add("chat", "d", 9004);
  EXPECT_EQ(applier.Submit(scaler).verdict, Verdict::kNotPermitted);
  EXPECT_EQ(applier->status().owner, config::Owner::kFile);
  EXPECT_THAT(applier->status().last_rejection, Not(HasSubstr("API membership"))) << "has no say in it";
}

TEST(Applier, JudgesARoleByWhatTheClusterIsWhenItsTurnComes) {
  TestApplier applier;
  applier.Start();
  std::string yaml = TestYaml();
  yaml.replace(yaml.find("API"), 3, "CONFIG");
  Change scaler = Push(Add("pods", "d", 9004));
  scaler.endpoints_only = true;
  const auto answers = applier.SubmitTogether({Push(ReplaceConfig{ConfigOf(yaml)}), scaler});
  EXPECT_EQ(answers[0].verdict, Verdict::kApplied);
  EXPECT_EQ(answers[1].verdict, Verdict::kNotPermitted);
}

TEST(Applier, SaysWhatAChangeWouldDoToWhoeverMayPush) {
  TestApplier applier(config::Owner::kFile);
  applier.Start();
  Change change = Push(Add("chat", "d", 9004));
  change.validate_only = true;
  const Answer answer = applier.Submit(change);
  EXPECT_EQ(answer.verdict, Verdict::kApplied);
  ASSERT_THAT(answer.impact->clusters, SizeIs(1));
  change.endpoints_only = true;
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kNotPermitted) << "the role still counts";
  change.endpoints_only = false;
  change.validate_only = false;
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kNotOwner);
}

TEST(Applier, TakesPatchesOfApiMembershipFromAPlaneThatDoesNotOwn) {
  TestApplier applier(config::Owner::kFile);
  applier.Start();
  Change change = Push(Add("pods", "d", 9004));
  change.origin = {.source = config::Owner::kFleet, .who = "plane"};
  change.fleet = FleetUpdate{.mark = {.revision = 7, .hash = "h7"}};
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kApplied);
  EXPECT_THAT(applier.Labels("pods"), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(applier->status().fleet, FleetMark{}) << "what is in force is not the plane's";
  change.what = Add("chat", "d", 9004);
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kNotOwner);
}

}  // namespace
}  // namespace fairlead::apply
