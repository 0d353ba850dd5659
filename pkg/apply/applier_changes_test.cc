#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

PatchEndpoints Add(const std::string& cluster, const std::string& id, uint16_t port) {
  return {.cluster = cluster, .upsert = {TestEndpoint(id, port)}, .remove_ids = {}};
}

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

TEST(Applier, AnswersARepeatedRequestAsTheFirst) {
  TestApplier applier;
  applier.Start();
  Change change = Push(Add("chat", "d", 9004));
  change.request_id = "one";
  change.request_fingerprint = "print";
  const auto together = applier.SubmitTogether({change, change});
  EXPECT_EQ(together[0].etag, together[1].etag);
  EXPECT_EQ(together[1].revision, 2u);
  applier.Submit(Push(PatchEndpoints{.cluster = "chat", .upsert = {}, .remove_ids = {"d"}}));
  EXPECT_EQ(applier.Submit(change).revision, 2u);
  EXPECT_THAT(applier.Labels("chat"), ElementsAre("a", "b", "c"));
  change.request_fingerprint = "another";
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kInvalid);
  applier.clock().Advance(RequestMemory::kRemembered);
  EXPECT_EQ(applier.Submit(change).revision, 4u);
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

TEST(Applier, SaysWhatEveryWorkerRuns) {
  TestApplier applier;
  applier.Start();
  EXPECT_EQ(applier->status().installed_revision, 0u);
  applier->Installed(0, 1);
  EXPECT_EQ(applier->status().installed_revision, 0u);
  applier->Installed(1, 1);
  EXPECT_EQ(applier->status().installed_revision, 1u);
}

TEST(Applier, RemembersTheLastRejectionUntilSomethingIsApplied) {
  TestApplier applier;
  applier.Start();
  applier.Submit(Push(Add("nowhere", "d", 9004)));
  EXPECT_THAT(applier->status().last_rejection, HasSubstr("push:tester: there is no cluster \"nowhere\""));
  // The change that holds the batch up is refused, too, but comes first.
  applier.Submit(Push(Add("chat", "d", 9004)));
  EXPECT_EQ(applier->status().last_rejection, "");
}

TEST(Applier, RemembersTheLastRejectionWhateverOthersHaveApplied) {
  TestApplier applier;
  applier.Start();
  Change other = Push(Add("pods", "d", 9004));
  other.origin.who = "scaler";
  EXPECT_TRUE(applier.SubmitTogether({Push(Add("nowhere", "d", 9004)), other})[1].applied());
  EXPECT_THAT(applier->status().last_rejection, HasSubstr("nowhere"));
}

TEST(Applier, CountsWhatItRefusesByWhoBroughtIt) {
  TestApplier applier;
  applier.Start();
  Change fleet = Push(Add("pods", "d", 9004));
  fleet.origin = {.source = config::Owner::kFleet, .who = "plane"};
  fleet.request_id = "one";
  fleet.request_fingerprint = "print";
  EXPECT_TRUE(applier.Submit(fleet).applied());
  EXPECT_EQ(applier.stats().config_fleet_rejected(), 0u);
  fleet.request_fingerprint = "another";
  EXPECT_EQ(applier.Submit(fleet).verdict, Verdict::kInvalid);
  EXPECT_EQ(applier.stats().config_fleet_rejected(), 1u);
  EXPECT_THAT(applier->status().last_rejection, HasSubstr("fleet:plane: options.request_id"));
  fleet.request_id.clear();
  fleet.what = Add("chat", "d", 9004);
  applier.SubmitTogether(std::vector<Change>(102, fleet));
  EXPECT_EQ(applier.stats().config_fleet_rejected(), 103u) << "those that found no room, too";
  EXPECT_EQ(applier.stats().config_file_rejected(), 0u);
}

TEST(Applier, ChangesGoBeforeDryRunsThatCameFirst) {
  TestApplier applier;
  applier.Start();
  std::promise<void> held, all_wait;
  applier->Submit(Push(Rollback{0}), [&held, released = all_wait.get_future().share()](Answer) {
    held.set_value();
    released.wait();
  });
  held.get_future().wait();
  std::vector<std::string> order;  // of the apply thread
  std::promise<void> last;
  Change dry = Push(Add("pods", "d", 9004));
  dry.validate_only = true;
  for (int i = 0; i < 3; ++i) {
    applier->Submit(dry, [&, i](Answer) {
      order.push_back("dry");
      if (i == 2) last.set_value();
    });
  }
  applier->Submit(Push(Add("pods", "e", 9005)), [&](Answer) { order.push_back("change"); });
  all_wait.set_value();
  last.get_future().wait();
  EXPECT_THAT(order, ElementsAre("dry", "change", "dry", "dry")) << "at most one is under way";
}

TEST(Applier, RefusesMoreDryRunsThanMayWaitAndTakesChangesAllTheSame) {
  TestApplier applier;
  applier.Start();
  std::vector<Change> changes(34, Push(Add("pods", "d", 9004)));
  for (size_t i = 0; i < 33; ++i) changes[i].validate_only = true;
  const auto answers = applier.SubmitTogether(std::move(changes));
  EXPECT_EQ(answers[31].verdict, Verdict::kApplied);
  EXPECT_EQ(answers[32].verdict, Verdict::kBusy);
  EXPECT_EQ(answers[33].verdict, Verdict::kApplied);
}

TEST(Applier, RefusesLargerRequestsThanMayWait) {
  TestApplier applier;
  applier.Start();
  std::vector<Change> changes(3, Push(Add("chat", "d", 9004)));
  changes[0].bytes = Pipeline::Options{}.max_waiting_bytes + 1;  // alone it may
  changes[1].bytes = 1;
  const auto answers = applier.SubmitTogether(std::move(changes));
  EXPECT_EQ(answers[0].verdict, Verdict::kApplied);
  EXPECT_EQ(answers[1].verdict, Verdict::kBusy);
  EXPECT_EQ(applier.Submit(Push(Add("chat", "e", 9005))).verdict, Verdict::kApplied);
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

TEST(Applier, JudgesARequestAnewThatWasRefusedForHowThingsStood) {
  TestApplier applier(config::Owner::kFile);
  applier.Start();
  Change change = Push(Add("chat", "d", 9004));
  change.request_id = "one";
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kNotOwner);
  Change override = Push(Add("chat", "e", 9005));
  override.override_owner_for = std::chrono::minutes(5);
  EXPECT_TRUE(applier.Submit(override).applied());
  EXPECT_TRUE(applier.Submit(change).applied());
  change.origin.who = "another";
  change.what = Add("chat", "f", 9006);
  change.request_fingerprint = "another";
  EXPECT_TRUE(applier.Submit(change).applied()) << "ids are each caller's own";
}

TEST(Applier, RefusesMoreThanMayWait) {
  TestApplier applier;
  applier.Start();
  std::vector<Change> changes(102, Push(Add("chat", "d", 9004)));
  const auto answers = applier.SubmitTogether(std::move(changes));
  EXPECT_EQ(answers[99].verdict, Verdict::kApplied);
  EXPECT_EQ(answers[101].verdict, Verdict::kBusy);
}

}  // namespace
}  // namespace fairlead::apply
