#include "pkg/ctl/units.h"

#include <gtest/gtest.h>

namespace fairlead::ctl {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(FormatAge, GivesTheTwoLargestUnits) {
  EXPECT_EQ(FormatAge(milliseconds(0)), "0s");
  EXPECT_EQ(FormatAge(milliseconds(350)), "350ms");
  EXPECT_EQ(FormatAge(milliseconds(12'900)), "12s");
  EXPECT_EQ(FormatAge(minutes(3)), "3m");
  EXPECT_EQ(FormatAge(minutes(3) + seconds(5)), "3m 5s");
  EXPECT_EQ(FormatAge(hours(2) + minutes(10) + seconds(59)), "2h 10m");
  EXPECT_EQ(FormatAge(hours(2) + seconds(59)), "2h");
  EXPECT_EQ(FormatAge(hours(4 * 24 + 3)), "4d 3h");
}

TEST(FormatAge, ClocksThatDisagreeMakeNoNegativeAge) {
  EXPECT_EQ(FormatAge(seconds(-5)), "0s");
}

TEST(FormatLatency, HasTwoFigures) {
  using std::chrono::microseconds;
  EXPECT_EQ(FormatLatency(microseconds(254)), "0.25ms");
  EXPECT_EQ(FormatLatency(microseconds(3'140)), "3.1ms");
  EXPECT_EQ(FormatLatency(microseconds(9'990)), "10ms");
  EXPECT_EQ(FormatLatency(microseconds(120'400)), "120ms");
  EXPECT_EQ(FormatLatency(seconds(75)), "1m 15s");
}

TEST(FormatCount, GroupsThousands) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(1'234'567), "1,234,567");
  EXPECT_EQ(FormatCount(-123), "-123");
  EXPECT_EQ(FormatCount(-1234), "-1,234");
}

TEST(FormatCount, KnowsOneFromMany) {
  EXPECT_EQ(FormatCount(0, "tunnel"), "0 tunnels");
  EXPECT_EQ(FormatCount(1, "tunnel"), "1 tunnel");
  EXPECT_EQ(FormatCount(50'000, "tunnel"), "50,000 tunnels");
}

TEST(FormatBytes, PicksTheUnit) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatBytes(20 << 20), "20 MiB");
  EXPECT_EQ(FormatBytes((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(FormatBytes(UINT64_MAX), "16384 PiB");
}

TEST(FormatShare, NeverCallsSomethingNothing) {
  EXPECT_EQ(FormatShare(0), "0%");
  EXPECT_EQ(FormatShare(0.0002), "<0.1%");
  EXPECT_EQ(FormatShare(0.125), "12.5%");
  EXPECT_EQ(FormatShare(0.5), "50%");
  EXPECT_EQ(FormatShare(1), "100%");
}

TEST(ReadDuration, TakesThoseOfTheFile) {
  EXPECT_EQ(ReadDuration("1h30m"), minutes(90));
  EXPECT_EQ(ReadDuration("soon"), std::nullopt);
  EXPECT_EQ(ReadDuration("-5s"), std::nullopt);
}

}  // namespace
}  // namespace fairlead::ctl
