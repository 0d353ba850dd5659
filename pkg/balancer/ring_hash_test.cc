#include "pkg/balancer/ring_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pkg/balancer/rendezvous.h"
#include "pkg/balancer/stable_hash.h"
#include "pkg/balancer/test_picker.h"
#include "pkg/base/mix.h"

namespace fairlead::balancer {
namespace {

std::vector<Host> Hosts(const std::vector<std::string>& names) {
  std::vector<Host> hosts;
  hosts.reserve(names.size());
  for (const std::string& name : names) hosts.push_back({.hash_id = name});
  return hosts;
}

// What a ring and rendezvous promise alike.
template <typename Kind>
class ExactHashing : public ::testing::Test {};
using Kinds = ::testing::Types<RingHash, Rendezvous>;
TYPED_TEST_SUITE(ExactHashing, Kinds);

TYPED_TEST(ExactHashing, MovesTheKeysOfWhoLeavesAndNoOthers) {
  const std::vector<std::string> names = HostNames(20);
  std::vector<Host> hosts = Hosts(names);
  const TypeParam before(hosts);
  hosts[7].weight = 0;
  const TypeParam after(hosts);
  TestPicker old(20), now(20), out(20);
  out.out = {7};
  for (uint64_t i = 0; i < 10000; ++i) {
    const uint64_t key = StableHash(std::to_string(i));
    const size_t was = old.Pick(before, key).value(), is = now.Pick(after, key).value();
    ASSERT_TRUE(was == 7 || was == is);
    // And one that is passed over leaves its keys to whom they go when it leaves.
    ASSERT_EQ(out.Pick(before, key), is);
  }
}

TYPED_TEST(ExactHashing, BringsANewcomersKeysOverGradually) {
  const std::vector<std::string> names = HostNames(11);
  const std::vector<Host> hosts = Hosts(names);
  const TypeParam with(hosts), without(std::span<const Host>(hosts).first(10));
  TestPicker old(11), picker(11);
  std::vector<bool> came(10000);
  for (const uint32_t share : {1u, 6554u, 32768u, 65536u}) {
    picker.shares[10] = share;
    for (uint64_t i = 0; i < came.size(); ++i) {
      const uint64_t key = StableHash(std::to_string(i));
      const size_t now = picker.Pick(with, key).value();
      ASSERT_TRUE(now == 10 || (!came[i] && now == old.Pick(without, key))) << i;
      came[i] = now == 10;
    }
  }
}

TYPED_TEST(ExactHashing, DoesNotCareForTheOrderOfTheList) {
  const std::vector<std::string> names = HostNames(30);
  std::vector<Host> hosts = Hosts(names);
  for (size_t i = 0; i < hosts.size(); ++i) hosts[i].weight = 1 + i % 7;
  std::vector<Host> shuffled = hosts;
  std::shuffle(shuffled.begin(), shuffled.end(), base::Random(7));
  const TypeParam first(hosts), second(shuffled);
  TestPicker one(30), other(30);
  for (uint64_t key = 1; key < 5000; ++key) {
    const uint64_t hash = StableHash(std::to_string(key));
    ASSERT_EQ(hosts[*one.Pick(first, hash)].hash_id, shuffled[*other.Pick(second, hash)].hash_id);
  }
}

TYPED_TEST(ExactHashing, FindsTheLastHostLeft) {
  const std::vector<std::string> names = HostNames(300);
  const TypeParam balancer(Hosts(names));
  TestPicker picker(300);
  for (size_t i = 0; i < 300; ++i) picker.out.insert(i);
  EXPECT_EQ(picker.Pick(balancer, 99), std::nullopt);
  picker.out.erase(123);
  for (uint64_t key = 0; key < 100; ++key) EXPECT_EQ(picker.Pick(balancer, key * base::kGolden), 123);
}

TEST(RingHash, GoesRoundTheEnd) {
  const std::vector<std::string> names = HostNames(2);
  const RingHash balancer(Hosts(names));
  TestPicker picker(2);
  EXPECT_TRUE(picker.Pick(balancer, UINT64_MAX));
  EXPECT_TRUE(picker.Pick(balancer, 0));
}

TEST(RingHash, HasAPointForAHostOfHardlyAnyWeight) {
  const std::vector<Host> hosts = {{"heavy", 65535}, {"light", 1}};
  TestPicker picker(2);
  const RingHash balancer(hosts);
  for (uint64_t key = 0; key < 20000; ++key) picker.Pick(balancer, StableHash(std::to_string(key)));
  EXPECT_GT(picker.picks[1], 0);
  EXPECT_LT(picker.picks[1], 400);
}

}  // namespace
}  // namespace fairlead::balancer
