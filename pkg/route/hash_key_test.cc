#include "pkg/route/hash_key.h"

#include <gtest/gtest.h>

#include <vector>

namespace fairlead::route {
namespace {

std::optional<uint64_t> KeyFor(const std::vector<config::HashKey>& keys,
                               std::optional<base::IpAddress> client) {
  const http1::Fields none;
  return ExtractKey(keys, {.headers = none, .client = client});
}

TEST(ExtractKey, HashesTheClientsAddress) {
  const std::vector<config::HashKey> keys = {config::SourceIpKey{}};
  EXPECT_EQ(KeyFor(keys, base::IpAddress::Parse("192.0.2.1")), 0x2c1c901eed9adc4a);
  EXPECT_EQ(KeyFor(keys, base::IpAddress::Parse("::ffff:192.0.2.1")), 0x2c1c901eed9adc4a);
  EXPECT_NE(KeyFor(keys, base::IpAddress::Parse("192.0.2.2")), 0x2c1c901eed9adc4a);
}

TEST(ExtractKey, HasNoneForAClientWithoutAddress) {
  EXPECT_EQ(KeyFor({config::SourceIpKey{}}, std::nullopt), std::nullopt);
}

TEST(ExtractKey, HasNoneWhenNoneIsAskedFor) {
  EXPECT_EQ(KeyFor({}, base::IpAddress::Parse("192.0.2.1")), std::nullopt);
}

}  // namespace
}  // namespace fairlead::route
