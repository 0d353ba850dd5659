#include "pkg/http1/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace fairlead::http1 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string_view> All(std::string_view list) {
  std::vector<std::string_view> tokens;
  for (std::string_view token : Tokens(list)) tokens.push_back(token);
  return tokens;
}

TEST(Tokens, SplitsTrimsAndPassesOverEmptyElements) {
  EXPECT_THAT(All("keep-alive, Upgrade"), ElementsAre("keep-alive", "Upgrade"));
  EXPECT_THAT(All(",, a\t,\t, b b ,"), ElementsAre("a", "b b"));
  EXPECT_THAT(All("one"), ElementsAre("one"));
  for (std::string_view nothing : {"", " ", ",", " , \t,"}) EXPECT_THAT(All(nothing), IsEmpty()) << nothing;
}

TEST(IsToken, TakesTokenCharactersOnly) {
  for (std::string_view token : {"a", "GET", "x-y_z", "!#$%&'*+-.^_`|~09"})
    EXPECT_TRUE(IsToken(token)) << token;
  for (std::string_view other : {"", "a b", "a,b", "a/b", "a:b", "(a)", "\"a\"", "\x7f", "\xc3\xa9"}) {
    EXPECT_FALSE(IsToken(other)) << other;
  }
}

}  // namespace
}  // namespace fairlead::http1
