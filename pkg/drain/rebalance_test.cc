#include "pkg/drain/rebalance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace fairlead::drain {
namespace {

using testing::Each;
using testing::ElementsAre;

std::vector<uint64_t> Surplus(std::vector<Load> loads, double target = 1.1) {
  return SurplusOf(loads, target);
}

TEST(SurplusOf, IsWhatAnEndpointHoldsAboveTheTarget) {
  EXPECT_THAT(Surplus({{250}, {250}, {250}, {250}, {0}}), ElementsAre(30, 30, 30, 30, 0));
  EXPECT_THAT(Surplus({{100}, {100}, {110}}), ElementsAre(0, 0, 0));
}

TEST(SurplusOf, GoesByWeight) {
  EXPECT_THAT(Surplus({{300, 3}, {100, 1}}), ElementsAre(0, 0));
  EXPECT_THAT(Surplus({{300, 1}, {100, 3}}), ElementsAre(190, 0));
}

TEST(SurplusOf, LeavesOutWhoTakesNone) {
  EXPECT_THAT(Surplus({{500, 0}, {100, 1}, {100, 1}}), ElementsAre(0, 0, 0));
  EXPECT_THAT(Surplus({{5, 0}}), ElementsAre(0));
}

TEST(SurplusOf, IsNoMoreThanMayGoAndThanOthersHaveRoomFor) {
  EXPECT_THAT(Surplus({{.held = 300, .movable = 5}, {0}}), ElementsAre(5, 0));
  EXPECT_THAT(Surplus({{.held = 300, .movable = 0}, {0}}), ElementsAre(0, 0));
  EXPECT_THAT(Surplus({{300}, {.held = 0, .room = 7}}), ElementsAre(7, 0));
  EXPECT_THAT(Surplus({{300}, {300}, {.held = 0, .room = 5}}), ElementsAre(2, 3, 0));
  EXPECT_THAT(Surplus({{300}, {.held = 0, .room = 0}}), ElementsAre(0, 0));
}

TEST(SurplusOf, WhoCannotComeDownLeavesTheRestToTheOthers) {
  EXPECT_THAT(Surplus({{.held = 1000, .movable = 3}, {.held = 60}, {.held = 0}}), ElementsAre(3, 27, 0));
  EXPECT_THAT(Surplus({{.held = 100, .weight = 0.001, .movable = 0}, {100}, {100}}), ElementsAre(0, 0, 0));
}

TEST(SurplusOf, IsNoFractionOfATunnel) {
  EXPECT_THAT(Surplus({{1}, {1}, {0}}), ElementsAre(0, 0, 0));
  EXPECT_THAT(Surplus({}), testing::IsEmpty());
}

TEST(MaxOverMean, TellsHowUnevenTheyAre) {
  const std::vector<Load> loads = {{300, 1}, {100, 1}, {200, 2}, {50, 0}};
  EXPECT_DOUBLE_EQ(MaxOverMean(loads), 2);
  EXPECT_EQ(MaxOverMean(std::vector<Load>{{0}, {0}}), 0);
}

// Those that leave come back and are placed by the policy: to the emptiest, or the emptier of two.
TEST(SurplusOf, ComesToAnEndWhateverThePolicy) {
  constexpr double kTarget = 1.1;
  std::mt19937_64 random(7);
  for (int run = 0; run < 200; ++run) {
    std::vector<Load> loads(2 + random() % 20);
    for (Load& load : loads) load = {.held = random() % 1000, .weight = double(1 + random() % 3)};
    const bool least = run % 2 == 0;
    const auto fuller = [&](size_t a, size_t b) {
      return double(loads[a].held) * loads[b].weight > double(loads[b].held) * loads[a].weight;
    };
    const auto place = [&] {
      std::vector<size_t> places(loads.size());
      std::iota(places.begin(), places.end(), 0);
      if (least)
        return *std::min_element(places.begin(), places.end(), [&](auto a, auto b) { return fuller(b, a); });
      const size_t one = random() % loads.size(), two = random() % loads.size();
      return fuller(one, two) ? two : one;
    };
    int rounds = 0;
    for (;; ++rounds) {
      const std::vector<uint64_t> surplus = SurplusOf(loads, kTarget);
      const uint64_t moved = std::accumulate(surplus.begin(), surplus.end(), uint64_t{0});
      if (moved == 0) break;
      ASSERT_LT(rounds, 50) << "it flaps";
      for (size_t i = 0; i < loads.size(); ++i) loads[i].held -= surplus[i];
      for (uint64_t i = 0; i < moved; ++i) ++loads[place()].held;
    }
    EXPECT_LE(rounds, least ? 1 : 50) << "to the emptiest, once is enough";
    EXPECT_THAT(SurplusOf(loads, kTarget), Each(0));
  }
}

}  // namespace
}  // namespace fairlead::drain
