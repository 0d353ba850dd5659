#include "pkg/telemetry/log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::telemetry {
namespace {

using std::chrono::milliseconds;

TEST(OncePerSecond, IsReadyAtOnceAndThenOnceASecond) {
  OncePerSecond limit;
  base::MonotonicTime now{};
  EXPECT_TRUE(limit.Ready(now));
  EXPECT_FALSE(limit.Ready(now));
  EXPECT_FALSE(limit.Ready(now + milliseconds(999)));
  EXPECT_TRUE(limit.Ready(now + milliseconds(1000)));
  EXPECT_FALSE(limit.Ready(now + milliseconds(1500)));
  EXPECT_TRUE(limit.Ready(now + milliseconds(9000)));
}

TEST(OncePerSecond, CountsWhatIsNotSaid) {
  OncePerSecond limit;
  base::MonotonicTime now{};
  ASSERT_TRUE(limit.Ready(now));
  EXPECT_EQ(limit.TakeRest(), "");
  limit.Ready(now);
  limit.Ready(now + milliseconds(999));
  ASSERT_TRUE(limit.Ready(now + milliseconds(1000)));
  EXPECT_EQ(limit.TakeRest(), " (and 2 more since the last line)");
  EXPECT_EQ(limit.TakeRest(), "");
}

TEST(OncePerSecond, IsReadyForOneOfSeveralThreads) {
  OncePerSecond limit;
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { ready += limit.Ready(base::MonotonicTime{}) ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ready, 1);
}

TEST(Log, WritesLinesToStderrAsTheyAre) {
  StartLog();
  ::testing::internal::CaptureStderr();
  LogInfo("listening");
  LogWarning("100% {} full");
  LogError("no");
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("Z info: listening\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Z warning: 100% {} full\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Z error: no\n"), std::string::npos) << text;
}

TEST(Log, KeepsWhateverALineHoldsOnALine) {
  StartLog();
  ::testing::internal::CaptureStderr();
  LogInfo("a\nb\x1b[31m");
  LogInfo(std::string(20'000, 'x'));
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("info: a\\x0ab\\x1b[31m\n"), std::string::npos) << text;
  EXPECT_LT(text.size(), 17'000U);
}

}  // namespace
}  // namespace fairlead::telemetry
