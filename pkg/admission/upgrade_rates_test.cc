#include "pkg/admission/upgrade_rates.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::admission {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Verdict = UpgradeTurn::Verdict;

constexpr base::MonotonicTime kStart{std::chrono::hours(1)};

base::IpAddress Address(const std::string& text) {
  return *base::IpAddress::Parse(text);
}

// How many of `tries` go through at that time.
int Through(RateLimit& limit, int tries, base::MonotonicTime now) {
  int through = 0;
  for (int i = 0; i < tries; ++i) through += limit.Reserve(now, seconds(0)) ? 1 : 0;
  return through;
}
int Through(ClientRates& rates, const base::IpAddress& client, int tries, base::MonotonicTime now) {
  int through = 0;
  for (int i = 0; i < tries; ++i) through += rates.TryTake(client, now) ? 1 : 0;
  return through;
}

TEST(RateLimit, LetsABurstOfASecondThroughAndThenTheRate) {
  RateLimit limit;
  EXPECT_EQ(Through(limit, 100, kStart), 100) << "unlimited";
  limit.SetRate(10, kStart);
  EXPECT_EQ(Through(limit, 100, kStart), 10);
  EXPECT_EQ(Through(limit, 100, kStart + milliseconds(99)), 0);
  EXPECT_EQ(Through(limit, 100, kStart + milliseconds(100)), 1);
  EXPECT_EQ(Through(limit, 100, kStart + milliseconds(600)), 5);
  EXPECT_EQ(Through(limit, 100, kStart + seconds(60)), 10) << "no more is saved up than a second's";
}

TEST(RateLimit, OneASecondIsOneASecond) {
  RateLimit limit;
  limit.SetRate(1, kStart);
  EXPECT_EQ(Through(limit, 5, kStart), 1);
  EXPECT_EQ(Through(limit, 5, kStart + milliseconds(999)), 0);
  EXPECT_EQ(Through(limit, 5, kStart + milliseconds(1000)), 1);
}

TEST(RateLimit, HoldsAgainstManyThreads) {
  RateLimit limit;
  limit.SetRate(1000, kStart);
  std::atomic<int> through = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] { through += Through(limit, 1000, kStart); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(through, 1000);
}

// So many turns are given that the last of them is so far away.
void Give(RateLimit& limit, int turns, std::chrono::milliseconds away) {
  std::optional<RateLimit::Turn> last;
  for (int i = 0; i < turns; ++i) last = limit.Reserve(kStart, seconds(60));
  ASSERT_TRUE(last);
  EXPECT_EQ(limit.When(*last), kStart + away);
}

TEST(RateLimit, OnceRaisedItOwesNothingAtTheOldRate) {
  RateLimit limit;
  limit.SetRate(1, kStart);
  Give(limit, 30, seconds(29));
  limit.SetRate(100, kStart);
  const auto next = limit.Reserve(kStart, milliseconds(300));
  ASSERT_TRUE(next) << "29 wait, and each takes a hundredth of a second now";
  EXPECT_EQ(limit.When(*next), kStart + milliseconds(300));
  EXPECT_EQ(limit.Reserve(kStart, milliseconds(300)), std::nullopt);
}

TEST(RateLimit, LoweredItOwesThoseWhoWaitMoreTime) {
  RateLimit limit;
  limit.SetRate(10, kStart);
  Give(limit, 15, milliseconds(500));
  limit.SetRate(2, kStart);
  EXPECT_EQ(limit.Reserve(kStart, milliseconds(2900)), std::nullopt) << "five wait, each half a second";
  const auto next = limit.Reserve(kStart, seconds(3));
  ASSERT_TRUE(next);
  EXPECT_EQ(limit.When(*next), kStart + seconds(3));
}

TEST(RateLimit, WhatIsSavedUpIsNoMoreThanASecondOfTheRateInForce) {
  RateLimit limit;
  limit.SetRate(100, kStart);
  limit.SetRate(5, kStart);
  EXPECT_EQ(Through(limit, 100, kStart), 5);
  limit.SetRate(50, kStart);
  EXPECT_EQ(Through(limit, 100, kStart), 0) << "the time that has passed was none";
  EXPECT_EQ(Through(limit, 100, kStart + milliseconds(100)), 5);
}

TEST(RateLimit, TakenAwayAndSetAnewItOwesNothing) {
  RateLimit limit;
  limit.SetRate(1, kStart);
  Give(limit, 30, seconds(29));
  const auto last = limit.Reserve(kStart, seconds(60));
  limit.SetRate(0, kStart);
  EXPECT_TRUE(limit.Reserve(kStart, seconds(0)));
  EXPECT_LT(limit.When(*last), kStart) << "nor is anybody too late";
  limit.SetRate(10, kStart);
  EXPECT_LE(limit.When(*last), kStart) << "who has yet to be told has not lost it";
  EXPECT_EQ(Through(limit, 100, kStart), 10);
}

TEST(RateLimit, MayChangeWhileManyAsk) {
  RateLimit limit;
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!over) {
        if (limit.Reserve(kStart, seconds(1))) limit.GiveBack();
      }
    });
  }
  for (uint32_t rate = 0; rate < 1000; ++rate) limit.SetRate(rate % 7 * 100, kStart);
  over = true;
  for (std::thread& thread : threads) thread.join();
  limit.SetRate(0, kStart);
  limit.SetRate(10, kStart);
  EXPECT_EQ(Through(limit, 100, kStart), 10);
}

TEST(ClientRates, CountEachAddressByItself) {
  ClientRates rates(1);
  rates.SetRate(2);
  EXPECT_EQ(Through(rates, Address("192.0.2.1"), 5, kStart), 2);
  EXPECT_EQ(Through(rates, Address("192.0.2.2"), 5, kStart), 2);
  EXPECT_EQ(Through(rates, Address("192.0.2.1"), 5, kStart + milliseconds(500)), 1);
}

TEST(ClientRates, CountAnIpv6NetworkAsOne) {
  ClientRates rates(1);
  rates.SetRate(2);
  EXPECT_EQ(Through(rates, Address("2001:db8::1"), 5, kStart), 2);
  EXPECT_EQ(Through(rates, Address("2001:db8::ffff:2"), 5, kStart), 0);
  EXPECT_EQ(Through(rates, Address("2001:db8:0:1::1"), 5, kStart), 2);
}

TEST(ClientRates, RememberAThousandClientsAtOnce) {
  ClientRates rates(1);
  rates.SetRate(1);
  int again = 0;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const bool through =
          rates.TryTake(Address("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256)), kStart);
      if (round == 0) {
        EXPECT_TRUE(through);
      } else {
        again += through ? 1 : 0;
      }
    }
  }
  EXPECT_LE(again, 5) << "only where five fell into one set of four";
}

TEST(ClientRates, TakeInMoreClientsThanTheyHaveSlots) {
  ClientRates rates(1);
  rates.SetRate(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = "10." + std::to_string(i / 65536) + "." + std::to_string(i / 256 % 256) + "." +
                             std::to_string(i % 256);
    ASSERT_TRUE(rates.TryTake(Address(text), kStart)) << "nobody pays for others: " << text;
  }
}

TEST(ClientRates, ForgetAfterASecondHoweverLongTheProcessRuns) {
  ClientRates rates(1);
  rates.SetRate(1);
  base::MonotonicTime now = kStart;
  for (int day = 0; day < 40; ++day, now += std::chrono::hours(24)) {
    EXPECT_EQ(Through(rates, Address("192.0.2.1"), 3, now), 1);
  }
}

TEST(UpgradeRates, AClientThatAsksTooOftenTakesNothingFromOthers) {
  UpgradeRates rates(1);
  rates.SetLimits({.per_second = 10, .per_second_per_client = 2}, kStart);
  for (int i = 0; i < 100; ++i) rates.Take(Address("192.0.2.1"), kStart);
  int through = 0;
  for (int i = 0; i < 100; ++i) {
    through +=
        rates.Take(Address("192.0.2." + std::to_string(2 + i)), kStart).verdict == Verdict::kNow ? 1 : 0;
  }
  EXPECT_EQ(through, 8);
  EXPECT_EQ(rates.Take(std::nullopt, kStart).verdict, Verdict::kTooMany);
  EXPECT_EQ(rates.Take(Address("192.0.2.1"), kStart).verdict, Verdict::kClientTooMany);
}

TEST(UpgradeRates, LetsAsManyWaitAsItsQueueHolds) {
  UpgradeRates rates(1);
  rates.SetLimits({.per_second = 10, .queue = 5, .patience = seconds(10)}, kStart);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rates.Take(std::nullopt, kStart).verdict, Verdict::kNow);
  for (int i = 1; i <= 5; ++i) {
    const UpgradeTurn turn = rates.Take(std::nullopt, kStart);
    EXPECT_EQ(turn.verdict, Verdict::kLater);
    EXPECT_EQ(rates.When(turn.turn), kStart + milliseconds(100 * i));
    EXPECT_EQ(turn.until, kStart + seconds(10));
  }
  EXPECT_EQ(rates.Take(std::nullopt, kStart).verdict, Verdict::kTooMany);
  EXPECT_EQ(rates.Take(std::nullopt, kStart + milliseconds(100)).verdict, Verdict::kLater) << "one is served";
  EXPECT_EQ(rates.Take(std::nullopt, kStart + milliseconds(100)).verdict, Verdict::kTooMany);
  rates.GiveBack();
  EXPECT_EQ(rates.Take(std::nullopt, kStart + milliseconds(100)).verdict, Verdict::kLater) << "one has left";
}

TEST(UpgradeRates, NobodyWaitsForLongerThanThePatience) {
  UpgradeRates rates(1);
  rates.SetLimits({.per_second = 10, .queue = 1'000'000, .patience = seconds(2)}, kStart);
  int waiting = 0;
  for (int i = 0; i < 100; ++i) {
    const UpgradeTurn turn = rates.Take(std::nullopt, kStart);
    if (turn.verdict != Verdict::kLater) continue;
    ++waiting;
    EXPECT_LE(rates.When(turn.turn), kStart + seconds(2));
  }
  EXPECT_EQ(waiting, 20);
}

}  // namespace
}  // namespace fairlead::admission
