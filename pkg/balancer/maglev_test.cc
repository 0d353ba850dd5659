#include "pkg/balancer/maglev.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "pkg/balancer/stable_hash.h"
#include "pkg/balancer/test_picker.h"

namespace fairlead::balancer {
namespace {

using ::testing::IsEmpty;

std::vector<Host> Hosts(const std::vector<std::string>& names) {
  std::vector<Host> hosts;
  hosts.reserve(names.size());
  for (const std::string& name : names) hosts.push_back({.hash_id = name, .weight = 1});
  return hosts;
}

// How many slots each host has.
std::vector<uint64_t> Shares(const Maglev& balancer, size_t hosts) {
  std::vector<uint64_t> shares(hosts);
  for (const uint32_t host : balancer.table()) ++shares[host];
  return shares;
}

TEST(Maglev, DoesNotCareForTheOrderOfTheList) {
  const std::vector<std::string> names = HostNames(50);
  std::vector<Host> hosts = Hosts(names);
  for (size_t i = 0; i < hosts.size(); ++i) hosts[i].weight = 1 + i % 7;
  const Maglev first(hosts);
  std::vector<Host> shuffled = hosts;
  std::shuffle(shuffled.begin(), shuffled.end(), base::Random(7));
  const Maglev second(shuffled);
  for (size_t slot = 0; slot < first.table().size(); ++slot) {
    ASSERT_EQ(hosts[first.table()[slot]].hash_id, shuffled[second.table()[slot]].hash_id);
  }
}

// The bound of the header, in other words; nobody gets much less, either.
TEST(Maglev, SharesTheTableByWeight) {
  for (const size_t count : {2, 10, 100, 600}) {
    const std::vector<std::string> names = HostNames(count);
    std::vector<Host> hosts = Hosts(names);
    double total = 0;
    for (size_t i = 0; i < hosts.size(); ++i) total += hosts[i].weight = 1 + i * 37 % 100;
    const std::vector<uint64_t> shares = Shares(Maglev(hosts), hosts.size());
    for (size_t i = 0; i < hosts.size(); ++i) {
      const double fair = 65537 * hosts[i].weight / total;
      ASSERT_LE(static_cast<double>(shares[i]), fair + std::max(1.0, 0.4 * std::sqrt(fair)) + 1e-9) << i;
      ASSERT_GE(static_cast<double>(shares[i]), fair - 4 * std::sqrt(fair)) << i;
    }
  }
}

TEST(Maglev, GivesAHostOfHardlyAnyWeightItsFew) {
  const std::vector<Host> hosts = {{"heavy", 65535}, {"light", 14}};
  EXPECT_NEAR(static_cast<double>(Shares(Maglev(hosts), 2)[1]), 14, 2);
}

// Round by round it would take a minute.
TEST(Maglev, IsBuiltSoonHoweverUnequalTheWeights) {
  const std::vector<Host> hosts = {{"light", 1}, {"heavy", 65535}};
  const auto began = std::chrono::steady_clock::now();
  EXPECT_NEAR(static_cast<double>(Shares(Maglev(hosts, 1000003), 2)[0]), 15, 2);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

// The share of the key space that changes hands between two tables over the same list.
double Moved(const Maglev& before, const Maglev& after) {
  size_t moved = 0;
  for (size_t slot = 0; slot < before.table().size(); ++slot)
    moved += before.table()[slot] != after.table()[slot];
  return static_cast<double>(moved) / static_cast<double>(before.table().size());
}

TEST(Maglev, MovesLittleMoreThanAHostsOwnKeysWhenItLeaves) {
  for (const size_t count : {2, 5, 10, 100, 500, 2000}) {
    const std::vector<std::string> names = HostNames(count);
    std::vector<Host> hosts = Hosts(names);
    const Maglev before(hosts);
    hosts[count / 2].weight = 0;
    const Maglev after(hosts);
    EXPECT_LT(Moved(before, after), 1.8 / static_cast<double>(count) + 0.002) << count;
  }
}

TEST(Maglev, MovesLittleMoreThanTheKeysThatAWeightIsWorth) {
  const std::vector<std::string> names = HostNames(20);
  std::vector<Host> hosts = Hosts(names);
  for (Host& host : hosts) host.weight = 100;
  const Maglev before(hosts);
  hosts[3].weight = 110;
  EXPECT_LT(Moved(before, Maglev(hosts)), 0.03);
}

TEST(Maglev, ScattersTheKeysOfALostHostAndLeavesTheOthersAlone) {
  const std::vector<std::string> names = HostNames(10);
  const Maglev balancer(Hosts(names));
  TestPicker all(10), without(10);
  without.out = {4};
  for (uint64_t key = 0; key < 20000; ++key) {
    const size_t before = all.Pick(balancer, StableHash(std::to_string(key))).value();
    const size_t after = without.Pick(balancer, StableHash(std::to_string(key))).value();
    ASSERT_TRUE(before == 4 || before == after) << key;
  }
  EXPECT_EQ(without.picks[4], 0);
  for (size_t i = 0; i < 10; ++i) {
    if (i == 4) continue;
    EXPECT_NEAR(static_cast<double>(without.picks[i] - all.picks[i]), 2000.0 / 9, 90) << i;
  }
}

TEST(Maglev, FindsTheLastHostLeft) {
  const std::vector<std::string> names = HostNames(300);
  const Maglev balancer(Hosts(names));
  TestPicker picker(300);
  for (size_t i = 0; i < 300; ++i) picker.out.insert(i);
  EXPECT_EQ(picker.Pick(balancer, 99), std::nullopt);
  picker.out.erase(123);
  for (uint64_t key = 0; key < 100; ++key) EXPECT_EQ(picker.Pick(balancer, key), 123);
}

TEST(Maglev, PicksAHostWithoutASlotWhereNobodyElseIsLeft) {
  const std::vector<std::string> names = HostNames(300);
  const Maglev balancer(Hosts(names), 251);
  const std::vector<uint64_t> shares = Shares(balancer, 300);
  TestPicker picker(300);
  for (size_t i = 0; i < 300; ++i) {
    if (shares[i] > 0) picker.out.insert(i);
  }
  ASSERT_LE(picker.out.size(), 251u);
  for (uint64_t key = 0; key < 5000; ++key) {
    const size_t picked = picker.Pick(balancer, StableHash(std::to_string(key))).value();
    ASSERT_EQ(shares[picked], 0u);
    ASSERT_EQ(picker.Pick(balancer, StableHash(std::to_string(key))), picked);
  }
  for (size_t i = 0; i < 300; ++i) EXPECT_EQ(picker.picks[i] > 0, shares[i] == 0) << i;
}

TEST(Maglev, TakesAnyHostForARequestWithoutKey) {
  const std::vector<std::string> names = HostNames(4);
  const Maglev balancer(Hosts(names));
  TestPicker picker(4);
  for (int i = 0; i < 4000; ++i) picker.Pick(balancer);
  for (const uint64_t picks : picker.picks) EXPECT_NEAR(static_cast<double>(picks), 1000, 150);
}

TEST(Maglev, BringsANewcomersKeysOverGradually) {
  const std::vector<std::string> names = HostNames(11);
  std::vector<Host> hosts = Hosts(names);
  hosts[10].newcomer = true;
  const Maglev with(hosts), without(std::span<const Host>(hosts).first(10));
  TestPicker old(11), picker(11);
  std::vector<bool> came(20000);
  for (const uint32_t share : {1u, 6554u, 32768u, 65536u}) {
    picker.shares[10] = share;
    picker.picks.assign(11, 0);
    for (uint64_t i = 0; i < came.size(); ++i) {
      const uint64_t key = StableHash(std::to_string(i));
      const size_t before = old.Pick(without, key).value(), now = picker.Pick(with, key).value();
      const bool comes = now == 10;
      // What has come stays, and what has not is where it was, but for the few that change hands at once.
      ASSERT_TRUE(comes || !came[i]) << i;
      if (with.table()[(key >> 32) * 65537 >> 32] == 10) {
        ASSERT_TRUE(comes || now == before) << i;
      }
      came[i] = comes;
    }
    const double whole = 20000.0 / 11;
    EXPECT_NEAR(static_cast<double>(picker.picks[10]), whole * share / 65536, 120);
  }
}

TEST(Maglev, HasNoTableWithoutHosts) {
  TestPicker picker(1);
  const std::vector<Host> idle = {{"a", 0}};
  EXPECT_THAT(Maglev(idle).table(), IsEmpty());
  EXPECT_EQ(picker.Pick(Maglev(idle), 1), std::nullopt);
}

}  // namespace
}  // namespace fairlead::balancer
