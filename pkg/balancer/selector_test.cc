#include "pkg/balancer/selector.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "pkg/balancer/test_cluster.h"
#include "pkg/balancer/test_picker.h"
#include "pkg/base/mix.h"

namespace fairlead::balancer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr Policy kAll[] = {Policy::kRoundRobin, Policy::kLeastConnections, Policy::kRandomTwoChoices,
                           Policy::kRingHash,   Policy::kMaglev,           Policy::kRendezvous};
const std::vector<std::string>& Names() {
  static const std::vector<std::string> names = HostNames(30);
  return names;
}

std::vector<Member> Members(size_t count) {
  std::vector<Member> members;
  for (size_t i = 0; i < count; ++i) members.push_back({.hash_id = Names()[i]});
  return members;
}

void PickMany(TestCluster& cluster, int picks) {
  for (int i = 0; i < picks; ++i) cluster.Pick(base::Mix(static_cast<uint64_t>(i)));
}

TEST(Selector, SaysWhyEachIsPassedOver) {
  for (const Policy policy : kAll) {
    std::vector<Member> members = Members(8);
    members[0].weight = 0;
    members[1].draining = true;
    members[7].priority = 1;
    TestCluster cluster({.policy = policy, .panic_percent = 0}, members);
    cluster.now[2].unhealthy = true;
    cluster.now[3].ejected = true;
    cluster.now[4].full = true;
    cluster.now[5].tried = true;
    for (uint64_t key = 0; key < 20; ++key) {
      const std::optional<size_t> picked = cluster.Pick(base::Mix(key));
      // Priority 0 has 4 of 6 available, counting the full and the tried: under 70 %, a few spill.
      if (picked == 7) continue;
      ASSERT_EQ(picked, 6) << static_cast<int>(policy);
      EXPECT_THAT(cluster.trace.why,
                  ElementsAre(Why::kNoWeight, Why::kDraining, Why::kUnhealthy, Why::kEjected, Why::kFull,
                              Why::kTried, Why::kPicked, Why::kOtherPriority));
    }
  }
}

TEST(Selector, SaysWhoRamps) {
  std::vector<Member> members = Members(2);
  for (const Policy policy : {Policy::kRingHash, Policy::kMaglev, Policy::kRendezvous}) {
    TestCluster cluster({.policy = policy}, members);
    cluster.now[1].share = 1;
    int ramping = 0;
    for (uint64_t key = 0; key < 100; ++key) {
      EXPECT_EQ(cluster.Pick(base::Mix(key)), 0);
      ramping += cluster.trace.why[1] == Why::kRamping;
    }
    EXPECT_GT(ramping, 20);
  }
}

TEST(Selector, HoldsNobodyBackWhereAllStartTogether) {
  TestCluster one({.policy = Policy::kMaglev}, Members(5)), other({.policy = Policy::kMaglev}, Members(5));
  for (Now& now : one.now) now.share = 77;
  for (uint64_t key = 0; key < 1000; ++key) ASSERT_EQ(one.Pick(base::Mix(key)), other.Pick(base::Mix(key)));
}

TEST(Selector, ForgetsSlowStartBeforeAPickFails) {
  for (const Policy policy : kAll) {
    TestCluster cluster({.policy = policy}, Members(2));
    cluster.now[0].full = true;
    cluster.now[1].share = 1;
    for (uint64_t key = 0; key < 100; ++key) ASSERT_EQ(cluster.Pick(base::Mix(key)), 1);
  }
}

TEST(Selector, PicksNobodyWhereAllAreFullTriedOrGone) {
  for (const Policy policy : kAll) {
    EXPECT_EQ(TestCluster({.policy = policy}, {}).Pick(1), std::nullopt);
    TestCluster cluster({.policy = policy}, Members(3));
    cluster.now[0].full = cluster.now[1].full = cluster.now[2].tried = true;
    EXPECT_EQ(cluster.Pick(1), std::nullopt);
    EXPECT_THAT(cluster.trace.why, ElementsAre(Why::kFull, Why::kFull, Why::kTried));
  }
}

TEST(Selector, IgnoresHealthInPanic) {
  for (const Policy policy : kAll) {
    TestCluster cluster({.policy = policy, .panic_percent = 50}, Members(10));
    for (size_t i = 0; i < 6; ++i) (i % 2 == 0 ? cluster.now[i].unhealthy : cluster.now[i].ejected) = true;
    PickMany(cluster, 500);
    EXPECT_TRUE(cluster.trace.panic);
    EXPECT_THAT(cluster.picks, Each(::testing::Gt(0u)));
    cluster.now[0].unhealthy = false;  // half of them are healthy: enough
    cluster.picks.assign(10, 0);
    PickMany(cluster, 500);
    EXPECT_FALSE(cluster.trace.panic);
    EXPECT_THAT(std::vector(cluster.picks.begin() + 1, cluster.picks.begin() + 6), Each(0u));
  }
}

TEST(Selector, UsesNobodyWhoIsSickWithoutPanic) {
  TestCluster cluster({.policy = Policy::kMaglev, .panic_percent = 0}, Members(2));
  cluster.now[0].unhealthy = cluster.now[1].ejected = true;
  EXPECT_EQ(cluster.Pick(1), std::nullopt);
}

TEST(Selector, FailsOverInProportionUnderTheThreshold) {
  std::vector<Member> members = Members(20);
  for (size_t i = 10; i < 20; ++i) members[i].priority = 5;
  for (const Policy policy : kAll) {
    TestCluster cluster({.policy = policy, .failover_percent = 80}, members);
    const auto second = [&](size_t sick) {
      for (size_t i = 0; i < 10; ++i) cluster.now[i].unhealthy = i < sick;
      cluster.picks.assign(20, 0);
      PickMany(cluster, 4000);
      uint64_t picks = 0;
      for (size_t i = 10; i < 20; ++i) picks += cluster.picks[i];
      return static_cast<double>(picks) / 4000;
    };
    EXPECT_EQ(second(0), 0);
    EXPECT_EQ(second(2), 0);
    EXPECT_NEAR(second(4), 0.25, 0.03);  // 60 % are there of the 80 % that take all
    EXPECT_NEAR(second(8), 0.75, 0.03);
    EXPECT_EQ(second(10), 1);
  }
}

TEST(Selector, MovesTheSameKeysToTheNextPriorityAndBack) {
  std::vector<Member> members = Members(20);
  for (size_t i = 10; i < 20; ++i) members[i].priority = 1;
  TestCluster cluster({.policy = Policy::kMaglev}, members);
  std::vector<bool> away(2000);
  for (size_t sick = 3; sick <= 10; ++sick) {
    for (size_t i = 0; i < sick; ++i) cluster.now[i].unhealthy = true;
    for (size_t key = 0; key < away.size(); ++key) {
      const bool is_away = cluster.Pick(base::Mix(key)).value() >= 10;
      ASSERT_TRUE(is_away || !away[key]);
      away[key] = is_away;
    }
  }
}

TEST(Selector, GoesToTheNextPriorityWhereOneIsFull) {
  std::vector<Member> members = Members(3);
  members[2].priority = 1;
  TestCluster cluster({.policy = Policy::kRoundRobin}, members);
  cluster.now[0].full = cluster.now[1].full = true;
  EXPECT_EQ(cluster.Pick(), 2);
}

TEST(Selector, StaysInItsZoneWhileThatHasCapacity) {
  std::vector<Member> members = Members(20);
  for (size_t i = 4; i < 20; ++i) members[i].same_zone = false;
  for (const Policy policy : kAll) {
    TestCluster cluster({.policy = policy, .prefer_same_zone = true, .failover_percent = 100}, members);
    const auto here = [&](size_t sick) {
      for (size_t i = 0; i < 4; ++i) cluster.now[i].unhealthy = i < sick;
      cluster.picks.assign(20, 0);
      PickMany(cluster, 4000);
      return static_cast<double>(cluster.picks[0] + cluster.picks[1] + cluster.picks[2] + cluster.picks[3]) /
             4000;
    };
    EXPECT_EQ(here(0), 1);
    EXPECT_THAT(std::vector(cluster.trace.why.begin() + 4, cluster.trace.why.end()), Each(Why::kOtherZone));
    EXPECT_NEAR(here(1), 0.75, 0.03);
    EXPECT_NEAR(here(3), 0.25, 0.03);
    EXPECT_EQ(here(4), 0);
  }
}

TEST(Selector, SpillsToOtherZonesWhereItsOwnIsFull) {
  std::vector<Member> members = Members(4);
  members[3].same_zone = false;
  TestCluster cluster({.policy = Policy::kLeastConnections, .prefer_same_zone = true}, members);
  for (size_t i = 0; i < 3; ++i) cluster.now[i].full = true;
  EXPECT_EQ(cluster.Pick(), 3);
}

TEST(Selector, KeepsLoadsUnderTheBound) {
  for (const Policy policy : {Policy::kRingHash, Policy::kMaglev, Policy::kRendezvous}) {
    std::vector<Member> members = Members(10);
    uint64_t weights = 0;
    for (size_t i = 0; i < 10; ++i) weights += members[i].weight = 1 + i % 3;
    TestCluster cluster({.policy = policy, .bounded_load_permille = 1250}, members);
    // Few keys, so that some hosts would have far too much.
    for (uint64_t total = 1; total <= 3000; ++total) {
      const size_t picked = cluster.Pick(base::Mix(total % 25)).value();
      ++cluster.now[picked].load;
      const double fair = static_cast<double>(total * members[picked].weight) / static_cast<double>(weights);
      ASSERT_LE(static_cast<double>(cluster.now[picked].load), std::ceil(1.25 * fair - 1e-9)) << total;
    }
    // A key whose own host has room again goes there.
    const size_t home = TestCluster({.policy = policy}, members).Pick(base::Mix(7)).value();
    cluster.now[home].load = 0;
    EXPECT_EQ(cluster.Pick(base::Mix(7)), home);
  }
}

TEST(Selector, TheBoundLeavesSlowStartItsPace) {
  for (const Policy policy : {Policy::kRingHash, Policy::kMaglev, Policy::kRendezvous}) {
    std::vector<Member> members = Members(3);
    members[2].newcomer = true;
    TestCluster cluster({.policy = policy, .bounded_load_permille = 1250}, members);
    cluster.now[0].load = cluster.now[1].load = 100;
    cluster.now[2].share = kWholeShare / 100;
    for (uint64_t key = 0; key < 3000; ++key) cluster.Pick(base::Mix(key));
    EXPECT_LE(cluster.picks[2], 30) << "a hundredth of a third";
  }
}

TEST(Selector, SaysWhetherSomebodyFullWouldHaveDone) {
  for (const Policy policy : kAll) {
    TestCluster cluster({.policy = policy}, Members(2));
    cluster.now[0].full = cluster.now[0].unhealthy = cluster.now[1].tried = true;
    EXPECT_EQ(cluster.Pick(1), std::nullopt);
    EXPECT_FALSE(cluster.full) << "it is sick as well";
    cluster.now[0].unhealthy = false;
    EXPECT_EQ(cluster.Pick(1), std::nullopt);
    EXPECT_TRUE(cluster.full);
  }
}

TEST(Selector, LooksAtEverybodyOnceWhereAllAreFull) {
  constexpr size_t kMembers = 30;
  const std::vector<Member> members = Members(kMembers);
  for (const Policy policy : kAll) {
    TestCluster cluster({.policy = policy, .bounded_load_permille = Hashes(policy) ? 1250u : 0}, members);
    for (Now& now : cluster.now) now.full = true;
    EXPECT_EQ(cluster.Pick(1), std::nullopt);
    EXPECT_LE(cluster.looks, 3 * kMembers) << "one pass, and what it describes";
  }
}

TEST(Selector, ForgetsTheBoundBeforeAPickFails) {
  TestCluster cluster({.policy = Policy::kMaglev, .bounded_load_permille = 1250}, Members(2));
  cluster.now[0].load = 100;  // over its bound, and the other one was tried
  cluster.now[1].tried = true;
  EXPECT_EQ(cluster.Pick(1), 0);
}

// Every policy and every circumstance at once: whoever is picked may be, and somebody is whenever one may.
TEST(Selector, PicksOnlyWhoMayBePickedAndTheSameTwice) {
  base::Random random(3);
  for (int round = 0; round < 300; ++round) {
    const size_t count = random() % 30;
    std::vector<Member> members = Members(count);
    const Settings settings{.policy = kAll[round % 6],
                            .maglev_table_size = 1009,
                            .bounded_load_permille = round % 2 == 0 ? 1250u : 0u,
                            .prefer_same_zone = random() % 2 == 0,
                            .failover_percent = static_cast<uint32_t>(1 + random() % 100),
                            .panic_percent = static_cast<uint32_t>(random() % 101)};
    for (Member& member : members) {
      member.weight = random() % 4;
      member.draining = random() % 8 == 0;
      member.priority = random() % 3;
      member.same_zone = random() % 2 == 0;
    }
    TestCluster one(settings, members), other(settings, members);
    bool any = false;
    for (size_t i = 0; i < count; ++i) {
      Now& now = one.now[i];
      now = {.unhealthy = random() % 4 == 0,
             .ejected = random() % 6 == 0,
             .full = random() % 6 == 0,
             .tried = random() % 6 == 0,
             .share = static_cast<uint32_t>(1 + random() % kWholeShare),
             .load = random() % 10};
      any |= members[i].weight > 0 && !members[i].draining && !now.full && !now.tried && !now.unhealthy &&
             !now.ejected;
    }
    other.now = one.now;
    for (uint64_t key = 0; key < 30; ++key) {
      const std::optional<size_t> picked = one.Pick(base::Mix(key));
      ASSERT_EQ(picked, other.Pick(base::Mix(key)));
      ASSERT_TRUE(picked || !any) << round;
      if (!picked) continue;
      const Now& now = one.now[*picked];
      ASSERT_TRUE(members[*picked].weight > 0 && !members[*picked].draining && !now.full && !now.tried);
      ASSERT_TRUE(one.trace.panic || (!now.unhealthy && !now.ejected));
    }
  }
}

}  // namespace
}  // namespace fairlead::balancer
