#include "pkg/loop/local_address.h"

#include <gtest/gtest.h>

namespace fairlead::loop {
namespace {

TEST(IsLocalAddress, KnowsTheHostsOwnFromOthers) {
  EXPECT_TRUE(IsLocalAddress(*base::IpAddress::Parse("127.0.0.1")));
  EXPECT_TRUE(IsLocalAddress(*base::IpAddress::Parse("127.0.0.9"))) << "all of 127.0.0.0/8 is";
  EXPECT_FALSE(IsLocalAddress(*base::IpAddress::Parse("192.0.2.1")));
  EXPECT_FALSE(IsLocalAddress(*base::IpAddress::Parse("2001:db8::1")));
}

}  // namespace
}  // namespace fairlead::loop
