#include "pkg/base/on_this_host.h"

#include <gtest/gtest.h>

namespace fairlead::base {
namespace {

TEST(IsOnThisHost, KnowsLoopbackHoweverItIsWritten) {
  for (const char* here : {"unix:/run/x.sock", "localhost:1", "127.0.0.1:80", "127.9.9.9:80", "[::1]:80",
                           "[0:0:0:0:0:0:0:1]:80", "[::ffff:127.0.0.1]:80"}) {
    EXPECT_TRUE(IsOnThisHost(here)) << here;
  }
  for (const char* elsewhere : {"127.example.com:80", "localhost.example.com:80", "192.0.2.1:80", "[::]:80",
                                "0.0.0.0:80", "plane:80", ""}) {
    EXPECT_FALSE(IsOnThisHost(elsewhere)) << elsewhere;
  }
}

}  // namespace
}  // namespace fairlead::base
