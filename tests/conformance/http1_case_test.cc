#include "tests/conformance/http1_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairlead::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ParseHttp1Cases, ReadsEverythingThatACaseMaySay) {
  const Http1CaseFile file = ParseHttp1Cases(
      "# About.\n\n"
      "case one\nwhy RFC 9112 §2\nsend end\n| GET /\\@\\s\\x41\\{3 ab}\n|\n| body\\0\\\n"
      "forwards\n| seen\n"
      "answers keep\n| HTTP/1.1 200 OK\n"
      "answer 404 close\n"
      "with x\nwith \\r\\n\n"
      "case two\nwhy because\nsend\n| x\nforwards cut\n| y\nanswer none\n");
  EXPECT_THAT(file.errors, IsEmpty());
  ASSERT_THAT(file.cases, SizeIs(3));
  const Http1Case& one = file.cases[0];
  EXPECT_EQ(one.name, "one (x)");
  EXPECT_EQ(one.sent, std::string("GET /x Aababab\r\n\r\nbody\0", 23));
  EXPECT_TRUE(one.half_closes);
  ASSERT_THAT(one.outcomes, SizeIs(2));
  EXPECT_EQ(one.outcomes[0].forwarded, "seen\r\n");
  EXPECT_EQ(one.outcomes[0].answered, "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(one.outcomes[0].afterwards, Afterwards::kKeep);
  EXPECT_EQ(one.outcomes[1].status, 404);
  EXPECT_FALSE(one.outcomes[1].forwarded);
  EXPECT_THAT(file.cases[1].sent, HasSubstr("GET /\r\n A"));
  EXPECT_TRUE(file.cases[2].outcomes[0].forwarded_cut);
  EXPECT_EQ(file.cases[2].outcomes[0].status, 0);
}

TEST(ParseHttp1Cases, RefusesWhatIsBroken) {
  const std::string good = "case a\nwhy b\nsend\n| c\nanswer 400 close\n";
  ASSERT_THAT(ParseHttp1Cases(good).errors, IsEmpty());
  const struct {
    std::string text, error;
  } broken[] = {
      {"", "no case"},
      {"why b\n" + good, "belongs to a case"},
      {good + good, "two cases named"},
      {good + "case x\n", "says why"},
      {good + "case x\nwhy b\nanswer 400 close\n", "sends something"},
      {good + "case x\nwhy b\nsend\n| c\n", "says what is answered"},
      {good + "case x\nwhy b\nsend\n| c\nforwards\n| d\n", "is answered"},
      {good + "case x\nwhy b\nsend\nanswer 400 close\n", "send has no block"},
      {good + "answer 200 keep\n", "nothing is answered behind"},
      {good + "case x\nwhy b\nsend\n| c\nanswer 99 close\n", "no status"},
      {good + "case x\nwhy b\nsend\n| c\nanswer 400\n", "answer none"},
      {good + "case x\nwhy b\nsend\n| c\nanswer 400 cut\n", "answer none"},
      {good + "case x\nwhy b\nsend\n| c\nbackend\n| d\nanswer 400 keep\n", "a backend answers"},
      {good + "case x\nwhy b\nsend\n| \\q\nanswer 400 keep\n", "no such escape"},
      {good + "case x\nwhy b\nsend\n| \\x4\nanswer 400 keep\n", "an escape is"},
      {good + "case x\nwhy b\nsend\n| \\{3}\nanswer 400 keep\n", "an escape is"},
      {good + "case x\nwhy b\nsend\n| c \nanswer 400 keep\n", "cannot be seen"},
      {good + "case x\nwhy b\nsend\n|c\nanswer 400 keep\n", "a blank stands behind"},
      {good + "case x\nwhy b\nsend\n| \\@\nanswer 400 keep\n", "there is none"},
      {good + "with x\n", "appear nowhere"},
      {good + "| d\n", "has no block"},
      {good + "sends\n| c\n", "no such keyword"},
  };
  for (const auto& one : broken) {
    EXPECT_THAT(ParseHttp1Cases(one.text).errors, Contains(HasSubstr(one.error))) << one.text;
  }
}

}  // namespace
}  // namespace fairlead::testing
