#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pkg/balancer/least_connections.h"
#include "pkg/balancer/maglev.h"
#include "pkg/balancer/round_robin.h"
#include "pkg/balancer/test_picker.h"

namespace fairlead::balancer {
namespace {

// What holds for every policy.
struct Policy {
  const char* name;
  std::unique_ptr<Balancer> (*make)(std::span<const Host>);
};

class Policies : public ::testing::TestWithParam<Policy> {};

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
    const std::unique_ptr<Balancer> balancer = GetParam().make(hosts);
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
  const std::unique_ptr<Balancer> one = GetParam().make(hosts), other = GetParam().make(hosts);
  TestPicker first(30), second(30);
  for (uint64_t key = 0; key < 1000; ++key) ASSERT_EQ(first.Pick(*one, key), second.Pick(*other, key));
}

template <typename Kind>
std::unique_ptr<Balancer> Make(std::span<const Host> hosts) {
  return std::make_unique<Kind>(hosts);
}

INSTANTIATE_TEST_SUITE_P(All, Policies,
                         ::testing::Values(Policy{"RoundRobin", &Make<RoundRobin>},
                                           Policy{"LeastConnections", &Make<LeastConnections>},
                                           Policy{"Maglev", &Make<Maglev>}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace fairlead::balancer
