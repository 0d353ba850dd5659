#include "pkg/app/housekeeping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/drain/test_tunnels.h"
#include "tests/support/fake_clock.h"

namespace fairlead::app {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(Housekeeping, CountsWhatRemainsForEachCauseAlsoWhereItIsNone) {
  testing::FakeClock clock;
  drain::FakeTunnels tunnels(clock);
  const Housekeeping housekeeping({.clock = &clock, .tunnels = &tunnels});
  EXPECT_THAT(housekeeping.DrainsRemaining(),
              UnorderedElementsAre(Pair("shutdown", 0), Pair("endpoint", 0), Pair("route", 0),
                                   Pair("misplaced", 0), Pair("rebalance", 0), Pair("requested", 0)));
}

}  // namespace
}  // namespace fairlead::app
