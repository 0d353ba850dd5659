#include "pkg/balancer/random_two_choices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "pkg/balancer/test_picker.h"

namespace fairlead::balancer {
namespace {

RandomTwoChoices Make(const std::vector<uint32_t>& weights) {
  std::vector<Host> hosts;
  hosts.reserve(weights.size());
  for (const uint32_t weight : weights) hosts.push_back({.hash_id = "", .weight = weight});
  return RandomTwoChoices(hosts);
}

TEST(RandomTwoChoices, TakesTheLessLoadedOfTwo) {
  TestPicker picker(2);
  picker.loads = {5, 4};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(picker.Pick(Make({1, 1})), 1);
  picker.loads = {5, 13};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(picker.Pick(Make({1, 2})), 0);  // 6/1 against 14/2
}

TEST(RandomTwoChoices, NeverTakesTheMostLoadedOfAll) {
  TestPicker picker(5);
  picker.loads = {5, 4, 9, 4, 5};
  const RandomTwoChoices balancer = Make({1, 1, 1, 1, 1});
  for (int i = 0; i < 1000; ++i) picker.Pick(balancer);
  EXPECT_EQ(picker.picks[2], 0);
}

// With one choice the fullest of 100 would hold 1000 and four standard deviations, 1126; two choices keep all
// within a handful.
TEST(RandomTwoChoices, KeepsHostsAsFullAsOneAnother) {
  const RandomTwoChoices balancer = Make(std::vector<uint32_t>(100, 3));
  TestPicker picker(100);
  for (int i = 0; i < 100000; ++i) ++picker.loads[picker.Pick(balancer).value()];
  EXPECT_LT(*std::max_element(picker.loads.begin(), picker.loads.end()), 1010);
  EXPECT_GT(*std::min_element(picker.loads.begin(), picker.loads.end()), 980);
}

TEST(RandomTwoChoices, DrawsByWeightWhereLoadsSayNothing) {
  TestPicker picker(3);
  // One that is out is never the second choice: what is left is the draw itself.
  picker.out = {2};
  picker.loads = {9, 29, 0};
  const RandomTwoChoices balancer = Make({1, 3, 5});
  for (int i = 0; i < 8000; ++i) picker.Pick(balancer);
  EXPECT_NEAR(static_cast<double>(picker.picks[0]), 2000, 220);
}

TEST(RandomTwoChoices, FindsTheLastHostLeft) {
  TestPicker picker(300);
  const RandomTwoChoices balancer = Make(std::vector<uint32_t>(300, 1));
  for (size_t i = 0; i < 300; ++i) picker.out.insert(i);
  EXPECT_EQ(picker.Pick(balancer), std::nullopt);
  picker.out.erase(123);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(picker.Pick(balancer), 123);
}

}  // namespace
}  // namespace fairlead::balancer
