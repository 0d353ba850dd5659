#include "pkg/proxy/body_pace.h"

#include <gtest/gtest.h>

namespace fairlead::proxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::MonotonicTime kStart{std::chrono::hours(1)};
constexpr base::Duration kGrace = seconds(10);

TEST(BodyPace, GivesAGraceAndTimeForWhatHasCome) {
  BodyPace pace(100, kGrace);
  EXPECT_EQ(pace.Due(), std::nullopt) << "nothing has come: other timeouts are for that";
  EXPECT_TRUE(pace.Received(50, kStart));
  EXPECT_EQ(pace.Due(), kStart + kGrace + milliseconds(500));
  EXPECT_FALSE(pace.Received(250, kStart + seconds(9)));
  EXPECT_EQ(pace.Due(), kStart + kGrace + seconds(3));
}

TEST(BodyPace, DoesNotCountTimeInWhichItIsNotRead) {
  BodyPace pace(100, kGrace);
  pace.Received(100, kStart);
  pace.Pause(kStart + seconds(1));
  pace.Pause(kStart + seconds(2));
  EXPECT_EQ(pace.Due(), std::nullopt);
  pace.Resume(kStart + seconds(61));
  EXPECT_EQ(pace.Due(), kStart + seconds(60) + kGrace + seconds(1));
  pace.Resume(kStart + seconds(99));
  EXPECT_EQ(pace.Due(), kStart + seconds(60) + kGrace + seconds(1));
}

TEST(BodyPace, MayBeSwitchedOff) {
  BodyPace pace(0, kGrace);
  pace.Received(1, kStart);
  EXPECT_EQ(pace.Due(), std::nullopt);
}

TEST(BodyPace, HoldsALargeBody) {
  BodyPace pace(1, kGrace);
  pace.Received(size_t{1} << 40, kStart);
  EXPECT_EQ(pace.Due(), kStart + kGrace + std::chrono::hours(24 * 365)) << "and not a moment long past";
}

}  // namespace
}  // namespace fairlead::proxy
