#include "pkg/telemetry/log.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::telemetry {
namespace {

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
