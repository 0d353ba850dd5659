#include "pkg/balancer/rendezvous.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "pkg/balancer/binary_logarithm.h"
#include "pkg/balancer/stable_hash.h"
#include "pkg/balancer/test_picker.h"
#include "pkg/base/mix.h"

namespace fairlead::balancer {
namespace {

TEST(NegativeLog2, IsThatOfTheCLibraryButForALittle) {
  for (uint64_t i = 1; i < 20000; ++i) {
    const uint64_t draw = base::Mix(i) >> (i % 64);
    if (draw == 0) continue;
    const double expected = 64 - std::log2(static_cast<double>(draw));
    ASSERT_NEAR(static_cast<double>(NegativeLog2(draw)) / 4294967296.0, expected, 3e-6) << draw;
  }
  EXPECT_EQ(NegativeLog2(UINT64_MAX), NegativeLog2(UINT64_MAX - 1));
  EXPECT_LE(NegativeLog2(UINT64_MAX), 2u);
  EXPECT_EQ(NegativeLog2(uint64_t{1} << 63), uint64_t{1} << 32);
}

TEST(NegativeLog2, NeverGrowsWithItsArgument) {
  for (uint64_t top = 1; top < 70000; ++top) {
    ASSERT_LE(NegativeLog2(top << 47), NegativeLog2((top << 47) - 1)) << top;
    ASSERT_LE(NegativeLog2((top << 47) + 1), NegativeLog2(top << 47)) << top;
  }
}

TEST(Rendezvous, SharesByWeightWithinAChanceOfOneInAMillion) {
  const std::vector<Host> hosts = {{"a", 1}, {"b", 10}, {"c", 100}, {"d", 1000}};
  const Rendezvous balancer(hosts);
  TestPicker picker(4);
  constexpr int kPicks = 200000;
  for (int i = 0; i < kPicks; ++i) picker.Pick(balancer, StableHash(std::to_string(i)));
  for (size_t i = 0; i < 4; ++i) {
    const double fair = kPicks * hosts[i].weight / 1111.0;
    EXPECT_NEAR(static_cast<double>(picker.picks[i]), fair, 5 * std::sqrt(fair)) << i;
  }
}

TEST(Rendezvous, DoesNotCareForTheUnitOfWeights) {
  const std::vector<Host> ones = {{"a", 1}, {"b", 1}, {"c", 1}}, sevens = {{"a", 7}, {"b", 7}, {"c", 7}};
  const Rendezvous one(ones), seven(sevens);
  TestPicker picker(3);
  for (uint64_t i = 0; i < 1000; ++i)
    ASSERT_EQ(picker.Pick(one, base::Mix(i)), picker.Pick(seven, base::Mix(i)));
}

}  // namespace
}  // namespace fairlead::balancer
