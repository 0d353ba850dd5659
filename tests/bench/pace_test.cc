#include "tests/bench/pace.h"

#include <gtest/gtest.h>

namespace fairlead::bench {
namespace {

using std::chrono::milliseconds;

const Clock::time_point kStart{milliseconds(1000)};

TEST(Pace, TellsEachOccasionOnce) {
  Pace pace(/*per_second=*/100, kStart);
  EXPECT_EQ(pace.TakeDue(kStart), 0);
  EXPECT_EQ(pace.TakeDue(kStart + milliseconds(15)), 1);
  EXPECT_EQ(pace.TakeDue(kStart + milliseconds(15)), 0);
  EXPECT_EQ(pace.TakeDue(kStart + milliseconds(25)), 1);
}

TEST(Pace, MakesUpForWhatWasMissed) {
  Pace pace(/*per_second=*/200, kStart);
  EXPECT_EQ(pace.TakeDue(kStart + milliseconds(502)), 100);
  EXPECT_EQ(pace.TakeDue(kStart + milliseconds(1002)), 100);
}

TEST(Pace, SaysHowLongToWaitAndNotTooLittle) {
  Pace pace(/*per_second=*/100, kStart);
  EXPECT_EQ(pace.MillisecondsLeft(kStart + milliseconds(3)), 7);
  EXPECT_EQ(pace.MillisecondsLeft(kStart + milliseconds(30)), 0);
  EXPECT_GE(pace.MillisecondsLeft(kStart + std::chrono::microseconds(9500)), 1);
}

}  // namespace
}  // namespace fairlead::bench
