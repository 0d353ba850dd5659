#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "pkg/balancer/selector.h"
#include "pkg/balancer/stable_hash.h"
#include "pkg/balancer/test_picker.h"

namespace fairlead::balancer {
namespace {

// What holds for every policy.
class Policies : public ::testing::TestWithParam<Policy> {
 protected:
  static std::unique_ptr<const Balancer> Make(std::span<const Host> hosts) {
    return MakeBalancer(GetParam(), hosts, 65537);
  }
};

TEST_P(Policies, PickNobodyWhoMayNotBePickedAndSomebodyWheneverOneMay) {
  base::Random random(42);
  for (int round = 0; round < 200; ++round) {
    const size_t count = random() % 20;
    const std::vector<std::string> names = HostNames(count);
    std::vector<Host> hosts;
    TestPicker picker(count);
    bool any = false;
    for (size_t i = 0; i < count; ++i) {
      hosts.push_back({.hash_id = names[i], .weight = static_cast<uint32_t>(random() % 4)});
      picker.loads[i] = random() % 5;
      if (random() % 3 == 0) picker.out.insert(i);
      any |= hosts[i].weight > 0 && !picker.out.contains(i);
    }
    const std::unique_ptr<const Balancer> balancer = Make(hosts);
    for (int pick = 0; pick < 50; ++pick) {
      const std::optional<size_t> picked =
          picker.Pick(*balancer, pick % 2 == 0 ? std::optional(random()) : std::nullopt);
      ASSERT_EQ(picked.has_value(), any);
      if (!picked) continue;
      ASSERT_GT(hosts[*picked].weight, 0);
      ASSERT_FALSE(picker.out.contains(*picked));
    }
  }
}

TEST_P(Policies, DependOnNothingButWhatTheyAreGiven) {
  const std::vector<std::string> names = HostNames(30);
  std::vector<Host> hosts;
  for (size_t i = 0; i < names.size(); ++i) {
    hosts.push_back({.hash_id = names[i], .weight = static_cast<uint32_t>(i % 5)});
  }
  const std::unique_ptr<const Balancer> one = Make(hosts), other = Make(hosts);
  TestPicker first(30), second(30);
  for (uint64_t key = 0; key < 1000; ++key) ASSERT_EQ(first.Pick(*one, key), second.Pick(*other, key));
}

// Each within a tenth, and four standard deviations of a fair draw, of what its weight says. (A point on the
// ring is as good as another: a ring is less even.)
TEST_P(Policies, KeepToWeights) {
  constexpr int kPicks = 40000;
  const std::vector<std::string> names = HostNames(20);
  std::vector<Host> hosts;
  double total = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    hosts.push_back({.hash_id = names[i], .weight = static_cast<uint32_t>(10 * (1 + i % 4))});
    total += hosts[i].weight;
  }
  const std::unique_ptr<const Balancer> balancer = Make(hosts);
  TestPicker picker(names.size());
  for (int i = 0; i < kPicks; ++i) {
    ++picker.loads[picker.Pick(*balancer, StableHash(std::to_string(i))).value()];
  }
  const double tolerance = GetParam() == Policy::kRingHash ? 0.35 : 0.1;
  for (size_t i = 0; i < hosts.size(); ++i) {
    const double fair = kPicks * hosts[i].weight / total;
    EXPECT_NEAR(static_cast<double>(picker.picks[i]), fair, tolerance * fair + 4 * std::sqrt(fair)) << i;
  }
}

// A host in slow start has no more than its share of its fair part, and something.
TEST_P(Policies, KeepToTheShareOfSlowStart) {
  constexpr int kPicks = 40000;
  const std::vector<std::string> names = HostNames(10);
  std::vector<Host> hosts;
  for (const std::string& name : names) hosts.push_back({.hash_id = name});
  const std::unique_ptr<const Balancer> balancer = Make(hosts);
  TestPicker picker(names.size());
  picker.shares[3] = kWholeShare / 4;
  for (int i = 0; i < kPicks; ++i) {
    ++picker.loads[picker.Pick(*balancer, StableHash(std::to_string(i))).value()];
  }
  EXPECT_GT(picker.picks[3], 600);
  EXPECT_LT(picker.picks[3], 1400);
}

std::string NameOf(const ::testing::TestParamInfo<Policy>& info) {
  constexpr const char* kNames[] = {"RoundRobin", "LeastConnections", "RandomTwoChoices",
                                    "RingHash",   "Maglev",           "Rendezvous"};
  return kNames[static_cast<size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(All, Policies,
                         ::testing::Values(Policy::kRoundRobin, Policy::kLeastConnections,
                                           Policy::kRandomTwoChoices, Policy::kRingHash, Policy::kMaglev,
                                           Policy::kRendezvous),
                         NameOf);

}  // namespace
}  // namespace fairlead::balancer
