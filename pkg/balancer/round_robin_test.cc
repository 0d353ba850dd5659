#include "pkg/balancer/round_robin.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "pkg/balancer/test_picker.h"

namespace fairlead::balancer {
namespace {

using ::testing::ElementsAre;

RoundRobin Make(const std::vector<uint32_t>& weights) {
  std::vector<Host> hosts;
  hosts.reserve(weights.size());
  for (const uint32_t weight : weights) hosts.push_back({.hash_id = "", .weight = weight});
  return RoundRobin(hosts);
}

std::vector<size_t> Picks(const RoundRobin& balancer, TestPicker* picker, size_t count) {
  std::vector<size_t> picks;
  for (size_t i = 0; i < count; ++i) picks.push_back(picker->Pick(balancer).value());
  return picks;
}

TEST(RoundRobin, GoesRoundInOrderWhenWeightsAreEqual) {
  TestPicker picker(3);
  EXPECT_THAT(Picks(Make({7, 7, 7}), &picker, 7), ElementsAre(0, 1, 2, 0, 1, 2, 0));
}

TEST(RoundRobin, SpreadsTheTurnsOfAHeavyHost) {
  TestPicker picker(3);
  EXPECT_THAT(Picks(Make({5, 1, 1}), &picker, 7), ElementsAre(0, 0, 1, 0, 2, 0, 0));
}

TEST(RoundRobin, GivesEveryHostExactlyItsWeightInEveryRound) {
  const std::vector<uint32_t> weights = {3, 0, 10, 1, 10, 7};
  const RoundRobin balancer = Make(weights);
  TestPicker picker(weights.size());
  picker.turn = 12345;  // wherever the count stands
  Picks(balancer, &picker, 2 * 31);
  EXPECT_THAT(picker.picks, ElementsAre(6, 0, 20, 2, 20, 14));
}

TEST(RoundRobin, IsExactForTwoHostsOfAnyWeights) {
  const RoundRobin balancer = Make({65535, 1});
  TestPicker picker(2);
  Picks(balancer, &picker, 65536);
  EXPECT_THAT(picker.picks, ElementsAre(65535, 1));
}

TEST(RoundRobin, RoundsWeightsThatNoRoundHolds) {
  std::vector<uint32_t> weights = {65535, 65521, 1};
  for (uint32_t i = 0; i < 20; ++i) weights.push_back(40000 + i);
  uint64_t total = 0;
  for (const uint32_t weight : weights) total += weight;
  const RoundRobin balancer = Make(weights);
  TestPicker picker(weights.size());
  constexpr size_t kPicks = 200000;
  Picks(balancer, &picker, kPicks);
  for (size_t i = 0; i < weights.size(); ++i) {
    EXPECT_GT(picker.picks[i], 0);
    const double share = static_cast<double>(picker.picks[i]) / kPicks;
    EXPECT_NEAR(share, static_cast<double>(weights[i]) / static_cast<double>(total), 2.0 / 65536);
  }
}

TEST(RoundRobin, SharesTheTurnsOfALostHostAmongAll) {
  const RoundRobin balancer = Make({1, 1, 1, 1});
  TestPicker picker(4);
  picker.out = {1};
  Picks(balancer, &picker, 300);
  EXPECT_THAT(picker.picks, ElementsAre(100, 0, 100, 100));
}

TEST(RoundRobin, HasNothingToGiveWithoutHosts) {
  TestPicker picker(2);
  EXPECT_EQ(picker.Pick(Make({})), std::nullopt);
  EXPECT_EQ(picker.Pick(Make({0, 0})), std::nullopt);
}

}  // namespace
}  // namespace fairlead::balancer
