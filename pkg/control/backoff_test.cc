#include "pkg/control/backoff.h"

#include <gtest/gtest.h>

namespace fairlead::control {
namespace {

TEST(Backoff, DoublesItsBoundUpToTheLast) {
  base::Random random(1);
  Backoff backoff(random);
  base::Duration bound = Backoff::kFirst;
  for (int i = 0; i < 20; ++i) {
    const base::Duration wait = backoff.Next();
    EXPECT_GE(wait.count(), 0);
    EXPECT_LE(wait, bound);
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
