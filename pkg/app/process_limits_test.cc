#include "pkg/app/process_limits.h"

#include <gtest/gtest.h>

namespace fairlead::app {
namespace {

TEST(CpuQuota, RoundsUpToWholeCpus) {
  EXPECT_EQ(CpuQuota("200000 100000\n"), 2u);
  EXPECT_EQ(CpuQuota("150000 100000\n"), 2u);
  EXPECT_EQ(CpuQuota("10000 100000\n"), 1u);
  EXPECT_EQ(CpuQuota("50000\n 100000\n"), 1u);
}

TEST(CpuQuota, IsNoneWhereTheKernelSaysSoOrTheTextIsStrange) {
  for (std::string_view text : {"max 100000\n", "-1\n 100000\n", "", "100000", "100000 0", "x y"}) {
    EXPECT_EQ(CpuQuota(text), 0u) << text;
  }
}

TEST(UsableCpus, IsAtLeastOne) {
  EXPECT_GE(UsableCpus(), 1u);
}

TEST(ConnectionsFor, LeavesRoomForTheProcessItself) {
  EXPECT_EQ(ConnectionsFor(20000, 2), (20000 - 256) / 2);
  EXPECT_EQ(ConnectionsFor(OwnDescriptors(2) + 2, 2), 1);
  EXPECT_LT(ConnectionsFor(OwnDescriptors(2) + 1, 2), 1);
  EXPECT_LT(ConnectionsFor(10, 2), 1);
}

}  // namespace
}  // namespace fairlead::app
