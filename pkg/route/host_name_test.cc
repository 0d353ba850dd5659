#include "pkg/route/host_name.h"

#include <gtest/gtest.h>

namespace fairlead::route {
namespace {

TEST(MatchName, DropsPortCaseAndTrailingDot) {
  EXPECT_EQ(MatchName("chat.example.com"), "chat.example.com");
  EXPECT_EQ(MatchName("Chat.EXAMPLE.com:8080"), "chat.example.com");
  EXPECT_EQ(MatchName("chat.example.com."), "chat.example.com");
  EXPECT_EQ(MatchName("chat.example.com.:443"), "chat.example.com");
  EXPECT_EQ(MatchName("192.0.2.1:80"), "192.0.2.1");
  EXPECT_EQ(MatchName(""), "");
}

TEST(MatchName, KeepsAnIpv6AddressWhole) {
  EXPECT_EQ(MatchName("[2001:DB8::1]"), "[2001:db8::1]");
  EXPECT_EQ(MatchName("[2001:db8::1]:8080"), "[2001:db8::1]");
  EXPECT_EQ(MatchName("[2001:db8::1"), "[2001:db8::1");
}

TEST(SplitHost, KeepsTheColonWithThePort) {
  EXPECT_EQ(SplitHost("a:80").port, ":80");
  EXPECT_EQ(SplitHost("a").port, "");
  EXPECT_EQ(SplitHost("[::1]:80").host, "[::1]");
  EXPECT_EQ(SplitHost("[::1]:80").port, ":80");
}

}  // namespace
}  // namespace fairlead::route
