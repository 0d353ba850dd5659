#include <chrono>
#include <string>

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

TEST(Applier, RefusesAStaleEtag) {
  TestApplier applier;
  applier.Start();
  const std::string etag = applier->in_force().etag;
  Change first = Push(ReplaceConfig{ConfigOf(TestYaml("drain: {delay: 1s}"))});
  first.etag = etag;
  Change second = Push(ReplaceConfig{ConfigOf(TestYaml("drain: {delay: 2s}"))});
  second.etag = etag;
  const auto answers = applier.SubmitTogether({first, second});
  EXPECT_EQ(answers[0].verdict, Verdict::kApplied);
  EXPECT_EQ(answers[1].verdict, Verdict::kStale);
  EXPECT_NE(answers[0].etag, etag);
  EXPECT_EQ(applier->in_force().etag, answers[0].etag);
  EXPECT_EQ(applier->current()->drain.delay, base::Duration(1000));
}

TEST(Applier, KeepsAnEtagForEachClustersMembership) {
  TestApplier applier;
  applier.Start();
  const std::string config_etag = applier->in_force().etag;
  const Answer first = applier.Submit(Push(Add("pods", "d", 9004)));
  EXPECT_EQ(applier->in_force().etag, config_etag) << "API membership is no part of the configuration's";
  applier.Submit(Push(Add("chat", "d", 9004)));
  Change next = Push(Add("pods", "e", 9005));
  next.etag = first.etag;
  EXPECT_EQ(applier.Submit(next).verdict, Verdict::kApplied);
  next.what = Add("pods", "f", 9006);
  EXPECT_EQ(applier.Submit(next).verdict, Verdict::kStale);
}

TEST(Applier, RefusesAPatchOfAClusterThatHasChangedSince) {
  TestApplier applier;
  applier.Start();
  PatchEndpoints patch = Add("chat", "d", 9004);
  patch.base_revision = 1;
  EXPECT_EQ(applier.Submit(Push(Add("pods", "d", 9004))).revision, 2u);  // another cluster
  EXPECT_EQ(applier.Submit(Push(patch)).revision, 3u);
  patch = Add("chat", "e", 9005);
  patch.base_revision = 2;
  const Answer answer = applier.Submit(Push(patch));
  EXPECT_EQ(answer.verdict, Verdict::kStale);
  EXPECT_TRUE(answer.resync);
  patch.base_revision = 3;
  EXPECT_EQ(applier.Submit(Push(patch)).verdict, Verdict::kApplied);
}

TEST(Applier, RefusesAPatchOfARevisionThatIsStillToCome) {
  TestApplier applier;
  applier.Start();
  PatchEndpoints patch = Add("chat", "d", 9004);
  patch.base_revision = 2;
  const Answer answer = applier.Submit(Push(patch));
  EXPECT_EQ(answer.verdict, Verdict::kStale);
  EXPECT_TRUE(answer.resync);
  patch.base_revision = 1;
  EXPECT_EQ(applier.Submit(Push(patch)).verdict, Verdict::kApplied);
}

TEST(Applier, RefusesALowerFencingToken) {
  TestApplier applier;
  applier.Start();
  Change change = Push(Add("chat", "d", 9004));
  change.fencing_token = 5;
  EXPECT_TRUE(applier.Submit(change).applied());
  change.what = Add("chat", "e", 9005);
  change.fencing_token = 4;
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kStale);
  change.fencing_token = 5;
  EXPECT_TRUE(applier.Submit(change).applied());
}

TEST(Applier, CountsAPlanesRevisions) {
  TestApplier applier(config::Owner::kFleet);
  applier.Start();
  Change change = Push(ReplaceConfig{ConfigOf(TestYaml("drain: {delay: 1s}"))});
  change.origin = {.source = config::Owner::kFleet, .who = "plane"};
  change.fleet = FleetUpdate{.mark = {.revision = 40, .hash = "h40"}};
  EXPECT_TRUE(applier.Submit(change).applied());
  EXPECT_EQ(applier->status().fleet, (FleetMark{40, "h40"}));
  change.what = Add("chat", "d", 9004);
  change.fleet = FleetUpdate{.mark = {.revision = 42, .hash = "h42"}, .base_revision = 41};
  EXPECT_TRUE(applier.Submit(change).resync);
  change.fleet = FleetUpdate{.mark = {.revision = 41, .hash = "h41"}, .base_revision = 40};
  EXPECT_TRUE(applier.Submit(change).applied());
  change.what = ReplaceConfig{ConfigOf(TestYaml())};
  change.fleet = FleetUpdate{.mark = {.revision = 39, .hash = "h39"}};
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kStale);
  Change override = Push(Add("chat", "e", 9005));
  override.override_owner_for = std::chrono::minutes(1);
  EXPECT_TRUE(applier.Submit(override).applied());
  EXPECT_EQ(applier->status().fleet, FleetMark{}) << "what runs is not the plane's any more";
}

}  // namespace
}  // namespace fairlead::apply
