#include "pkg/http1/fields.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace fairlead::http1 {
namespace {

std::string Names(const Fields& fields) {
  std::string names;
  for (const Field& line : fields) names.append(line.name).append("=").append(line.value).append(" ");
  return names;
}

TEST(Fields, LooksNamesUpWithoutRegardToCase) {
  Fields fields;
  fields.Add("X-One", "1");
  fields.Add("x-one", "2");
  EXPECT_EQ(fields.Get("x-ONE"), "1");
  EXPECT_EQ(fields.Count("X-One"), 2u);
  EXPECT_TRUE(fields.Has("x-one"));
  EXPECT_FALSE(fields.Has("x-on"));
  EXPECT_EQ(fields.Get("x-two"), std::nullopt);
}

TEST(Fields, SetLeavesOneLineInPlace) {
  Fields fields;
  fields.Add("A", "1");
  fields.Add("b", "2");
  fields.Add("a", "3");
  fields.Add("c", "4");
  fields.Set("a", "9");
  fields.Set("d", "5");
  EXPECT_EQ(Names(fields), "a=9 b=2 c=4 d=5 ");
}

TEST(Fields, RemovesEveryLineOfAName) {
  Fields fields;
  fields.Add("a", "1");
  fields.Add("b", "2");
  fields.Add("A", "3");
  EXPECT_EQ(fields.Remove("a"), 2u);
  EXPECT_EQ(fields.Remove("a"), 0u);
  EXPECT_EQ(Names(fields), "b=2 ");
}

TEST(Fields, FindsTokensInAnyLineOfAName) {
  Fields fields;
  fields.Add("Connection", "keep-alive");
  fields.Add("connection", "x-a , Upgrade");
  EXPECT_TRUE(fields.HasToken("Connection", "upgrade"));
  EXPECT_TRUE(fields.HasToken("Connection", "X-A"));
  EXPECT_FALSE(fields.HasToken("Connection", "x"));
  EXPECT_FALSE(fields.HasToken("Upgrade", "upgrade"));
}

TEST(Fields, KeptStringsSurviveAMove) {
  Fields fields;
  fields.Add("a", fields.Keep("short"));
  fields.Add("b", fields.Keep(std::string(100, 'x')));
  const Fields moved = std::move(fields);
  EXPECT_EQ(moved.Get("a"), "short");
  EXPECT_EQ(moved.Get("b"), std::string(100, 'x'));
}

}  // namespace
}  // namespace fairlead::http1
