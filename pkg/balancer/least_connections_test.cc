#include "pkg/balancer/least_connections.h"

#include <gmock/gmock.h>

#include <vector>

#include "pkg/balancer/test_picker.h"

namespace fairlead::balancer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

LeastConnections Make(const std::vector<uint32_t>& weights) {
  std::vector<Host> hosts;
  hosts.reserve(weights.size());
  for (const uint32_t weight : weights) hosts.push_back({.hash_id = "", .weight = weight});
  return LeastConnections(hosts);
}

TEST(LeastConnections, PicksTheLeastLoaded) {
  TestPicker picker(3);
  picker.loads = {5, 4, 6};
  EXPECT_EQ(picker.Pick(Make({1, 1, 1})), 1);
}

TEST(LeastConnections, MeasuresLoadAgainstWeight) {
  TestPicker picker(2);
  picker.loads = {5, 8};
  EXPECT_EQ(picker.Pick(Make({1, 2})), 1);  // 6/1 against 9/2
  picker.loads = {5, 13};
  EXPECT_EQ(picker.Pick(Make({1, 2})), 0);  // 6/1 against 14/2
}

TEST(LeastConnections, FillsHostsInProportionToTheirWeights) {
  const LeastConnections balancer = Make({1, 2, 0, 5});
  TestPicker picker(4);
  for (int i = 0; i < 800; ++i) ++picker.loads[picker.Pick(balancer).value()];
  EXPECT_THAT(picker.loads, ElementsAre(100, 200, 0, 500));
}

TEST(LeastConnections, SettlesTiesAtRandomAndEvenly) {
  const LeastConnections balancer = Make(std::vector<uint32_t>(10, 3));
  TestPicker picker(10);
  for (int i = 0; i < 10000; ++i) picker.Pick(balancer);
  // Five standard deviations of a fair draw are 150.
  EXPECT_THAT(picker.picks, Each(::testing::AllOf(::testing::Gt(850u), ::testing::Lt(1150u))));
}

TEST(LeastConnections, PassesOverWhoIsOut) {
  TestPicker picker(3);
  picker.loads = {0, 4, 6};
  picker.out = {0};
  EXPECT_EQ(picker.Pick(Make({1, 1, 1})), 1);
}

}  // namespace
}  // namespace fairlead::balancer
