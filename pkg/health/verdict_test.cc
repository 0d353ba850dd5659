#include "pkg/health/verdict.h"

#include <gtest/gtest.h>

namespace fairlead::health {
namespace {

using State = Verdict::State;

State After(Verdict& verdict, const char* answers) {
  for (; *answers != 0; ++answers) verdict.Answered(*answers == '+', 2, 3);
  return verdict.state();
}

TEST(Verdict, TheFirstAnswerDecides) {
  Verdict good, bad;
  EXPECT_EQ(good.state(), State::kUnknown);
  EXPECT_EQ(After(good, "+"), State::kHealthy);
  EXPECT_EQ(After(bad, "-"), State::kUnhealthy);
}

TEST(Verdict, ThenItTakesARow) {
  Verdict verdict;
  EXPECT_EQ(After(verdict, "+--"), State::kHealthy);
  EXPECT_EQ(After(verdict, "-"), State::kUnhealthy);
  EXPECT_EQ(After(verdict, "+"), State::kUnhealthy);
  EXPECT_EQ(After(verdict, "+"), State::kHealthy);
}

TEST(Verdict, WhatSpeaksForItBreaksTheRow) {
  Verdict verdict;
  EXPECT_EQ(After(verdict, "+--+--+--"), State::kHealthy);
  EXPECT_EQ(After(verdict, "-"), State::kUnhealthy);
  EXPECT_EQ(After(verdict, "+-+-+-"), State::kUnhealthy);
}

}  // namespace
}  // namespace fairlead::health
