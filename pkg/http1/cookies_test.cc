#include "pkg/http1/cookies.h"

#include <gtest/gtest.h>

namespace fairlead::http1 {
namespace {

std::optional<std::string_view> Find(std::string_view line, std::string_view name = "a") {
  Fields fields;
  fields.Add("cookie", line);
  return FindCookie(fields, name);
}

TEST(FindCookie, FindsItsValue) {
  EXPECT_EQ(Find("a=1"), "1");
  EXPECT_EQ(Find("b=2; a=1; c=3"), "1");
  EXPECT_EQ(Find("b=2;a=x=y"), "x=y");
  EXPECT_EQ(Find("a=\"quoted\""), "quoted");
  EXPECT_EQ(Find("a="), "");
  EXPECT_EQ(Find(" a = 1 ; b=2"), "1");
}

TEST(FindCookie, TakesTheFirstOfSeveral) {
  EXPECT_EQ(Find("a=1; a=2"), "1");
  Fields fields;
  fields.Add("Cookie", "b=0");
  fields.Add("Cookie", "a=1");
  fields.Add("Cookie", "a=2");
  EXPECT_EQ(FindCookie(fields, "a"), "1");
}

TEST(FindCookie, IsNotMisledByWhatLooksLikeIt) {
  EXPECT_EQ(Find("aa=1; A=2; a"), std::nullopt);
  EXPECT_EQ(Find("b=a=1"), std::nullopt);
  EXPECT_EQ(Find(""), std::nullopt);
  EXPECT_EQ(Find(";;;=; ="), std::nullopt);
  EXPECT_EQ(FindCookie(Fields(), "a"), std::nullopt);
}

}  // namespace
}  // namespace fairlead::http1
