#include "pkg/route/query.h"

#include <gtest/gtest.h>

#include <string_view>

namespace fairlead::route {
namespace {

TEST(FindParameter, FindsTheFirstValueAsItStands) {
  EXPECT_EQ(FindParameter("v=2", "v"), "2");
  EXPECT_EQ(FindParameter("a=1&v=2&v=3", "v"), "2");
  EXPECT_EQ(FindParameter("a=1&v=x%20y=z&b", "v"), "x%20y=z");
}

TEST(FindParameter, TakesAParameterWithoutValueAsEmpty) {
  EXPECT_EQ(FindParameter("v", "v"), "");
  EXPECT_EQ(FindParameter("v=", "v"), "");
  EXPECT_EQ(FindParameter("a&v&b", "v"), "");
}

TEST(FindParameter, DecodesNames) {
  EXPECT_EQ(FindParameter("%76=2", "v"), "2");
  EXPECT_EQ(FindParameter("a+b=2", "a b"), "2");
}

TEST(FindParameter, FindsNothingElse) {
  for (const std::string_view query : {"", "&", "&&", "=", "=2", "vv=2", "V=2", "a=v", "a=1&xv=2"}) {
    EXPECT_EQ(FindParameter(query, "v"), std::nullopt) << query;
  }
}

TEST(DecodesTo, ComparesDecodedBytes) {
  EXPECT_TRUE(DecodesTo("", ""));
  EXPECT_TRUE(DecodesTo("abc", "abc"));
  EXPECT_TRUE(DecodesTo("a%62c", "abc"));
  EXPECT_TRUE(DecodesTo("a+b", "a b"));
  EXPECT_TRUE(DecodesTo("a%2Bb", "a+b"));
  EXPECT_TRUE(DecodesTo("a%2bb", "a+b"));
  EXPECT_TRUE(DecodesTo("%C3%a9", "\xc3\xa9"));
  EXPECT_FALSE(DecodesTo("abc", "ab"));
  EXPECT_FALSE(DecodesTo("ab", "abc"));
  EXPECT_FALSE(DecodesTo("a%62c", "a%62c"));
}

TEST(DecodesTo, TakesABrokenEscapeAsItStands) {
  for (const std::string_view broken : {"%", "%4", "a%", "%zz", "%4g", "100%"}) {
    EXPECT_TRUE(DecodesTo(broken, broken)) << broken;
  }
}

}  // namespace
}  // namespace fairlead::route
