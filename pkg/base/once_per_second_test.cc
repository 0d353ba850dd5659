#include "pkg/base/once_per_second.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace fairlead::base {
namespace {

using std::chrono::milliseconds;

TEST(OncePerSecond, IsReadyAtOnceAndThenOnceASecond) {
  OncePerSecond limit;
  MonotonicTime now{};
  EXPECT_TRUE(limit.Ready(now));
  EXPECT_FALSE(limit.Ready(now));
  EXPECT_FALSE(limit.Ready(now + milliseconds(999)));
  EXPECT_TRUE(limit.Ready(now + milliseconds(1000)));
  EXPECT_FALSE(limit.Ready(now + milliseconds(1500)));
  EXPECT_TRUE(limit.Ready(now + milliseconds(9000)));
}

TEST(OncePerSecond, CountsWhatIsNotSaid) {
  OncePerSecond limit;
  MonotonicTime now{};
  ASSERT_TRUE(limit.Ready(now));
  EXPECT_EQ(limit.TakeSuppressed(), "");
  limit.Ready(now);
  limit.Ready(now + milliseconds(999));
  ASSERT_TRUE(limit.Ready(now + milliseconds(1000)));
  EXPECT_EQ(limit.TakeSuppressed(), " (and 2 more since the last line)");
  EXPECT_EQ(limit.TakeSuppressed(), "");
}

TEST(OncePerSecond, IsReadyForOneOfSeveralThreads) {
  OncePerSecond limit;
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { ready += limit.Ready(MonotonicTime{}) ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ready, 1);
}

}  // namespace
}  // namespace fairlead::base
