#include <future>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;

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
