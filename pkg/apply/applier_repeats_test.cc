#include <chrono>

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;

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

}  // namespace
}  // namespace fairlead::apply
