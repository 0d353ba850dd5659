#include "pkg/proxy/drain_pacer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fairlead::proxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const base::MonotonicTime kBegin{std::chrono::hours(1)};

TEST(DrainPacer, ClosesAtAnEvenPaceAndLeavesNone) {
  const DrainPacer pacer(kBegin, seconds(10), 5000);
  size_t open = 5000;
  for (int tick = 1; tick <= 100; ++tick) {
    const size_t due = pacer.DueAt(kBegin + tick * milliseconds(100), open);
    EXPECT_GE(due, 49u) << tick;
    EXPECT_LE(due, 51u) << tick;
    open -= due;
  }
  EXPECT_EQ(open, 0u);
}

TEST(DrainPacer, TunnelsThatEndByThemselvesSlowItDown) {
  const DrainPacer pacer(kBegin, seconds(10), 100);
  EXPECT_EQ(pacer.DueAt(kBegin + seconds(5), 20), 0u);
  EXPECT_EQ(pacer.DueAt(kBegin + seconds(9), 20), 10u);
}

TEST(DrainPacer, AnExpiredWindowClosesAllThatIsLeft) {
  const DrainPacer pacer(kBegin, seconds(10), 100);
  EXPECT_TRUE(pacer.Expired(kBegin + seconds(10)));
  EXPECT_EQ(pacer.DueAt(kBegin + seconds(10), 73), 73u);
  EXPECT_EQ(DrainPacer(kBegin, seconds(0), 9).DueAt(kBegin, 9), 9u);
}

}  // namespace
}  // namespace fairlead::proxy
