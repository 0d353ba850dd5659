#include "pkg/ctl/header_argument.h"

#include <gtest/gtest.h>

namespace fairlead::ctl {
namespace {

using Header = std::pair<std::string, std::string>;

TEST(ParseHeader, TrimsNameAndValue) {
  EXPECT_EQ(ParseHeader("x-user:  ada "), Header("x-user", "ada"));
  EXPECT_EQ(ParseHeader("x-time: 12:30"), Header("x-time", "12:30"));
  EXPECT_EQ(ParseHeader("x-empty:"), Header("x-empty", ""));
}

TEST(ParseHeader, NeedsANameAndAColon) {
  EXPECT_FALSE(ParseHeader("x-user"));
  EXPECT_FALSE(ParseHeader(": ada"));
  EXPECT_FALSE(ParseHeader(""));
}

}  // namespace
}  // namespace fairlead::ctl
