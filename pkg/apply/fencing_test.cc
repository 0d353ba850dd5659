#include "pkg/apply/fencing.h"

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Change Patch(const std::string& cluster, uint64_t token) {
  Change change =
      Push(PatchEndpoints{.cluster = cluster, .upsert = {TestEndpoint("d", 9004)}, .remove_ids = {}});
  change.fencing_token = token;
  return change;
}

TEST(Fencing, GivesBackWhatItWrote) {
  const FencingTokens tokens{{"push", 3}, {"fleet", UINT64_MAX}, {"pods odd\nname \\", 7}};
  EXPECT_EQ(DecodeTokens(EncodeTokens(tokens), config::Owner::kPush), tokens);
  EXPECT_EQ(DecodeTokens("17", config::Owner::kFleet), (FencingTokens{{"fleet", 17}}));
  for (const char* damaged : {"", "x", "3 push", "push 3\n", "3\n", "-3 push\n"}) {
    EXPECT_EQ(DecodeTokens(damaged, config::Owner::kPush), std::nullopt) << damaged;
  }
}

TEST(Fencing, CountsForTheChangesBehindItAndIsSeenOnceItIsKept) {
  Fencing fencing;
  fencing.Prepare(Patch("chat", 5), false);
  EXPECT_TRUE(fencing.Refuse(Patch("chat", 4), false).has_value());
  EXPECT_FALSE(fencing.Refuse(Patch("chat", 0), false).has_value()) << "none";
  fencing.Abandon();
  EXPECT_FALSE(fencing.Refuse(Patch("chat", 4), false).has_value());
  fencing.Prepare(Patch("chat", 5), false);
  fencing.Keep(*fencing.ToKeep({}));
  EXPECT_TRUE(fencing.Refuse(Patch("chat", 4), false).has_value());
  EXPECT_EQ(fencing.ToKeep({}), std::nullopt) << "nothing new";
}

TEST(Fencing, ForgetsClustersThatHaveGone) {
  const config::Config config = ConfigOf(TestYaml());
  Fencing fencing;
  fencing.Prepare(Patch("pods", 5), true);
  const FencingTokens tokens = *fencing.ToKeep(config);
  EXPECT_THAT(tokens, SizeIs(1));
  fencing.Keep(tokens);
  fencing.Prepare(Patch("pods", 6), true);
  EXPECT_THAT(*fencing.ToKeep({}), IsEmpty());
}

TEST(Applier, AWriterOfEndpointsLocksNobodyElseOutByItsFencingToken) {
  TestApplier applier;
  applier.Start();
  Change owner = Patch("chat", 5);
  EXPECT_TRUE(applier.Submit(owner).applied());
  Change scaler = Patch("pods", UINT64_MAX);
  scaler.endpoints_only = true;
  EXPECT_TRUE(applier.Submit(scaler).applied());
  EXPECT_TRUE(applier.Submit(owner).applied());
  scaler.fencing_token = 7;
  EXPECT_EQ(applier.Submit(scaler).verdict, Verdict::kStale) << "of that cluster's leaders it is an old one";
  scaler.what = ReplaceConfig{ConfigOf(TestYaml())};
  scaler.fencing_token = 9;
  EXPECT_EQ(applier.Submit(scaler).verdict, Verdict::kNotPermitted);
  EXPECT_TRUE(applier.Submit(owner).applied());
}

TEST(Applier, AChangeThatIsRefusedLeavesNoFencingToken) {
  TestApplier applier;
  applier.Start();
  EXPECT_EQ(applier.Submit(Patch("nowhere", 9)).verdict, Verdict::kNotFound);
  Change stale = Patch("chat", 9);
  stale.etag = "old";
  EXPECT_EQ(applier.Submit(stale).verdict, Verdict::kStale);
  stale.etag.clear();
  stale.validate_only = true;
  EXPECT_TRUE(applier.Submit(stale).applied());
  EXPECT_TRUE(applier.Submit(Patch("chat", 5)).applied());
}

}  // namespace
}  // namespace fairlead::apply
