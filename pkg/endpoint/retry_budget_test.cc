#include "pkg/endpoint/retry_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace fairlead::endpoint {
namespace {

using std::chrono::seconds;

constexpr base::MonotonicTime kStart{std::chrono::hours(1)};

int Takeable(RetryBudget& budget, uint32_t percent, uint32_t min_per_second, base::MonotonicTime now) {
  int taken = 0;
  while (taken < 100'000 && budget.TryTake(percent, min_per_second, now)) ++taken;
  return taken;
}

TEST(RetryBudget, AllowsAShareOfTheLastTenSecondsRequests) {
  RetryBudget budget;
  for (int i = 0; i < 1000; ++i) budget.CountRequest(kStart + seconds(i / 100));
  EXPECT_EQ(Takeable(budget, 20, 0, kStart + seconds(9)), 200);
  EXPECT_EQ(Takeable(budget, 20, 0, kStart + seconds(9)), 0);
  EXPECT_EQ(Takeable(budget, 20, 0, kStart + seconds(14)), 0) << "fewer requests, and the same retries";
  EXPECT_EQ(Takeable(budget, 20, 0, kStart + seconds(20)), 0) << "no requests";
}

// However fast they fail: a request of a millisecond counts as one of a minute.
TEST(RetryBudget, BoundsWhatFailuresAddToTheLoad) {
  RetryBudget budget;
  int requests = 0, retries = 0;
  for (int second = 0; second < 60; ++second) {
    for (int i = 0; i < 1000; ++i) {
      const base::MonotonicTime now = kStart + seconds(second) + std::chrono::milliseconds(i);
      budget.CountRequest(now);
      ++requests;
      if (budget.TryTake(20, 3, now)) ++retries;
    }
  }
  EXPECT_LE(retries, requests * 0.21 + 30);
  EXPECT_GE(retries, requests * 0.19);
}

TEST(RetryBudget, AllowsTheMinimumWhenLittleIsAsked) {
  RetryBudget budget;
  EXPECT_EQ(Takeable(budget, 20, 3, kStart), 30);
  EXPECT_EQ(Takeable(budget, 20, 3, kStart + seconds(5)), 0);
  EXPECT_EQ(Takeable(budget, 20, 3, kStart + seconds(10)), 30);
  EXPECT_EQ(Takeable(budget, 20, 0, kStart + seconds(30)), 0);
}

TEST(RetryBudget, TakesBackWhatWasNotMade) {
  RetryBudget budget;
  EXPECT_EQ(Takeable(budget, 0, 1, kStart), 10);
  budget.GiveBack(kStart);
  EXPECT_EQ(Takeable(budget, 0, 1, kStart), 1);
}

TEST(RetryBudget, IsSharedByThreads) {
  RetryBudget budget;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) budget.CountRequest(kStart);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Takeable(budget, 10, 0, kStart), 4000);
}

}  // namespace
}  // namespace fairlead::endpoint
