#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Applier, AnswersWithTheRevisionThatHoldsTheChange) {
  TestApplier applier;
  EXPECT_THAT(applier.Start(), IsEmpty());
  EXPECT_EQ(applier->status().revision, 1u);
  const Answer answer = applier.Submit(Push(Add("chat", "d", 9004)));
  EXPECT_EQ(answer.verdict, Verdict::kApplied);
  EXPECT_EQ(answer.revision, 2u);
  EXPECT_EQ(applier->in_force().revision, 2u);
  EXPECT_EQ(applier->in_force().snapshot->revision(), 2u);
  EXPECT_THAT(applier.Labels("chat"), ElementsAre("a", "b", "c", "d"));
}

TEST(Applier, MakesOneRevisionOfABatch) {
  TestApplier applier;
  applier.Start();
  const int before = applier.publications();
  const auto answers =
      applier.SubmitTogether({Push(Add("chat", "d", 9004)), Push(Add("pods", "e", 9005)),
                              Push(PatchEndpoints{.cluster = "chat", .upsert = {}, .remove_ids = {"a"}})});
  for (const Answer& answer : answers) {
    EXPECT_TRUE(answer.applied());
    EXPECT_EQ(answer.revision, 2u);
  }
  EXPECT_EQ(applier.publications(), before + 1);
  EXPECT_THAT(applier.Labels("chat"), ElementsAre("b", "c", "d"));
  EXPECT_THAT(applier.Labels("pods"), ElementsAre("a", "b", "c", "e"));
}

TEST(Applier, RefusesOneOfABatchWithoutSpoilingTheOthers) {
  TestApplier applier;
  applier.Start();
  auto clash = Add("chat", "e", 9001);  // hashing would see the address of "a"
  clash.upsert.push_back(TestEndpoint("f", 9006));
  const auto answers =
      applier.SubmitTogether({Push(Add("chat", "d", 9004)), Push(clash), Push(Add("nowhere", "d", 9004)),
                              Push(Add("chat", "g", 9007))});
  EXPECT_EQ(answers[0].verdict, Verdict::kApplied);
  EXPECT_EQ(answers[1].verdict, Verdict::kInvalid);
  ASSERT_THAT(answers[1].violations, SizeIs(1));
  EXPECT_EQ(answers[1].violations[0].path, "upsert[0].address");
  EXPECT_EQ(answers[2].verdict, Verdict::kNotFound);
  EXPECT_EQ(answers[3].verdict, Verdict::kApplied);
  EXPECT_THAT(applier.Labels("chat"), ElementsAre("a", "b", "c", "d", "g"));
}

TEST(Applier, MakesNoRevisionOfWhatChangesNothing) {
  TestApplier applier;
  applier.Start();
  const std::string etag = applier->in_force().etag;
  const auto answers =
      applier.SubmitTogether({Push(ReplaceConfig{ConfigOf(TestYaml())}), Push(Add("chat", "a", 9001)),
                              Push(SetEndpoints{"pods", ConfigOf(TestYaml()).clusters[1].endpoints})});
  for (const Answer& answer : answers) {
    EXPECT_TRUE(answer.applied());
    EXPECT_EQ(answer.revision, 1u);
  }
  EXPECT_EQ(answers[0].etag, etag);
  EXPECT_EQ(applier.publications(), 1);
}

TEST(Applier, SaysWithHowManyOthersAChangeWasApplied) {
  TestApplier applier;
  applier.Start();
  Change repeated = Push(Add("pods", "d", 9004));
  repeated.request_id = "one";
  const auto answers = applier.SubmitTogether(
      {repeated, Push(Add("chat", "d", 9004)), Push(Add("nowhere", "d", 9004)), repeated});
  EXPECT_EQ(answers[0].others, 1u);
  EXPECT_FALSE(answers[0].repeated);
  EXPECT_TRUE(answers[3].repeated);
  EXPECT_TRUE(applier.Submit(repeated).repeated);
}

TEST(Applier, BeginsApiMembershipWithTheEndpointsThatAreBrought) {
  TestApplier applier;
  std::string yaml = TestYaml();
  yaml.replace(yaml.find("API"), 3, "CONFIG");
  applier.Start(yaml);
  config::Config config = ConfigOf(TestYaml());
  config.clusters[1].endpoints = {TestEndpoint("x", 9010)};
  EXPECT_TRUE(applier.Submit(Push(ReplaceConfig{config})).applied());
  EXPECT_THAT(applier.Labels("pods"), ElementsAre("x"));
}

TEST(Applier, BeginsApiMembershipWithTheEndpointsThatWereThereWhereNoneAreBrought) {
  TestApplier applier;
  std::string yaml = TestYaml();
  yaml.replace(yaml.find("API"), 3, "CONFIG");
  applier.Start(yaml);
  config::Config config = ConfigOf(TestYaml());
  config.clusters[1].endpoints.clear();
  EXPECT_TRUE(applier.Submit(Push(ReplaceConfig{config})).applied());
  EXPECT_THAT(applier.Labels("pods"), ElementsAre("a", "b", "c"));
}

TEST(Applier, ChangesSingleFieldsOfACluster) {
  TestApplier applier;
  applier.Start();
  const auto to_round_robin = [](const config::Cluster& cluster) {
    config::Cluster updated = cluster;
    updated.load_balancing = {};
    return config::Checked<config::Cluster>{.value = updated, .violations = {}};
  };
  const Answer answer = applier.Submit(Push(UpdateCluster{"chat", to_round_robin}));
  EXPECT_TRUE(answer.applied());
  EXPECT_THAT(answer.impact->changed, ElementsAre("clusters[chat].load_balancing"));
  EXPECT_EQ(answer.impact->clusters[0].keys_moved, std::nullopt);
  EXPECT_EQ(applier->current()->clusters[0].load_balancing.policy, config::Policy::kRoundRobin);
  EXPECT_EQ(applier.Submit(Push(UpdateCluster{"nowhere", to_round_robin})).verdict, Verdict::kNotFound);
}

TEST(Applier, SaysWhatAChangeWouldDoAndLeavesItAtThat) {
  TestApplier applier;
  applier.Start();
  const InForce before = applier->in_force();
  endpoint::Lease tunnel =
      *endpoint::Lease::Take(applier.registry().GetEndpoint("chat", TestEndpoint("a", 9001).address, "a"));
  tunnel.BecomeTunnel();
  Change change =
      Push(PatchEndpoints{.cluster = "chat", .upsert = {TestEndpoint("d", 9004)}, .remove_ids = {"a"}});
  change.validate_only = true;
  const Answer answer = applier.Submit(change);
  EXPECT_TRUE(answer.applied());
  EXPECT_EQ(answer.revision, 1u);
  ASSERT_THAT(answer.impact->clusters, SizeIs(1));
  const ClusterImpact& impact = answer.impact->clusters[0];
  EXPECT_THAT(impact.endpoints_added, ElementsAre("d"));
  EXPECT_THAT(impact.endpoints_removed, ElementsAre("a"));
  EXPECT_EQ(impact.tunnels_on_removed, 1u);
  EXPECT_GT(*impact.keys_moved, 0.3) << "the keys of the one that goes";
  EXPECT_LT(*impact.keys_moved, 0.7);
  EXPECT_EQ(applier->in_force().snapshot, before.snapshot);
  EXPECT_EQ(applier->in_force().etag, before.etag);
  EXPECT_EQ(applier.Submit(Push(change.what)).impact->clusters[0].keys_moved, impact.keys_moved);
}

TEST(Applier, RollsBackToWhatARevisionWas) {
  TestApplier applier;
  applier.Start();
  applier.Submit(Push(ReplaceConfig{ConfigOf("clusters: []")}));
  const Answer answer = applier.Submit(Push(Rollback{1}));
  EXPECT_EQ(answer.revision, 3u);
  EXPECT_EQ(*applier->current(), ConfigOf(TestYaml()));
  EXPECT_EQ(applier.Submit(Push(Rollback{17})).verdict, Verdict::kNotFound);
  const auto revisions = applier->revisions();
  ASSERT_THAT(revisions, SizeIs(3));
  EXPECT_EQ(revisions[0].revision, 3u);
  EXPECT_EQ(revisions[0].source, "push:tester");
  EXPECT_EQ(revisions[2].source, "file");
}

TEST(Applier, KeepsTheConfigurationsOfBeforeWhateverHappensToTheEndpointsOfTheApi) {
  const TestDirectory directory;
  {
    TestApplier applier(config::Owner::kPush, directory.path());
    applier.Start();
    applier.Submit(Push(ReplaceConfig{ConfigOf(TestYaml("drain: {delay: 1s}"))}));
    for (uint16_t i = 0; i < 2 * History::kRevisions; ++i) {
      EXPECT_TRUE(applier.Submit(Push(Add("pods", "d", 9100 + i))).applied());
    }
    const auto revisions = applier->revisions();
    ASSERT_THAT(revisions, SizeIs(2));
    EXPECT_EQ(revisions[0].revision, applier->status().revision);
    EXPECT_THAT(revisions[0].summary, HasSubstr("drain"));
  }
  TestApplier applier(config::Owner::kPush, directory.path());
  applier.Start();
  EXPECT_THAT(applier->revisions(), SizeIs(2));
  EXPECT_TRUE(applier.Submit(Push(Rollback{1})).applied());
  EXPECT_EQ(applier->current()->drain.delay, ConfigOf(TestYaml()).drain.delay);
  EXPECT_THAT(applier.Labels("pods"), ElementsAre("a", "b", "c", "d"));
}

TEST(Applier, SaysWhatEveryWorkerRuns) {
  TestApplier applier;
  applier.Start();
  EXPECT_EQ(applier->status().installed_revision, 0u);
  applier->Installed(0, 1);
  EXPECT_EQ(applier->status().installed_revision, 0u);
  applier->Installed(1, 1);
  EXPECT_EQ(applier->status().installed_revision, 1u);
}

}  // namespace
}  // namespace fairlead::apply
