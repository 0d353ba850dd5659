#include <vector>

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace fairlead::apply
