#include "pkg/control/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace fairlead::control {
namespace {

TEST(Backoff, DoublesItsBoundUpToTheLast) {
  constexpr int kAttempts = 8;  // 500 ms doubled six times is 32 s
  std::vector<base::Duration> longest(kAttempts);
  base::Random random(1);
  for (int run = 0; run < 1000; ++run) {
    Backoff backoff(random);
    for (base::Duration& wait : longest) wait = std::max(wait, backoff.Next());
  }
  base::Duration bound = Backoff::kFirst;
  for (const base::Duration wait : longest) {
    EXPECT_LE(wait, bound);
    EXPECT_GT(wait, bound * 9 / 10);
    bound = std::min(bound * 2, Backoff::kLast);
  }
}

TEST(Backoff, SpreadsItsWaits) {
  base::Random random(1);
  base::Duration shortest = Backoff::kLast;
  base::Duration longest{0};
  for (int i = 0; i < 1000; ++i) {
    Backoff backoff(random);
    const base::Duration wait = backoff.Next();
    shortest = std::min(shortest, wait);
    longest = std::max(longest, wait);
  }
  EXPECT_LT(shortest, Backoff::kFirst / 10);
  EXPECT_GT(longest, Backoff::kFirst * 9 / 10);
}

TEST(Backoff, StartsAgainAfterASuccess) {
  base::Random random(1);
  Backoff backoff(random);
  for (int i = 0; i < 10; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), Backoff::kFirst);
}

}  // namespace
}  // namespace fairlead::control
