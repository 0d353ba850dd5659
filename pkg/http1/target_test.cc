#include "pkg/http1/target.h"

#include <gtest/gtest.h>

namespace fairlead::http1 {
namespace {

TEST(ParseTarget, SplitsEveryForm) {
  const struct {
    std::string_view method, text, authority, path, query;
  } cases[] = {
      {"GET", "/", "", "/", ""},
      {"GET", "/a/b?c=d?e", "", "/a/b", "?c=d?e"},
      {"GET", "/?", "", "/", "?"},
      {"GET", "//a//", "", "//a//", ""},
      {"GET", "/a:b@c;d=e,f'(!$&*+~_-)%20%2F|{}^`[]\"<>", "", "/a:b@c;d=e,f'(!$&*+~_-)%20%2F|{}^`[]\"<>", ""},
      {"GET", "/?a\\b&%zz&../..&|", "", "/", "?a\\b&%zz&../..&|"},
      {"GET", "http://example.com/a?b", "example.com", "/a", "?b"},
      {"GET", "HTTPS://example.com:1/", "example.com:1", "/", ""},
      {"GET", "http://example.com", "example.com", "", ""},
      {"GET", "http://example.com?b/c", "example.com", "", "?b/c"},
      {"OPTIONS", "*", "", "*", ""},
      {"OPTIONS", "/", "", "/", ""},
  };
  for (const auto& c : cases) {
    const std::optional<Target> target = ParseTarget(c.method, c.text);
    ASSERT_TRUE(target) << c.text;
    EXPECT_EQ(target->authority, c.authority) << c.text;
    EXPECT_EQ(target->path, c.path) << c.text;
    EXPECT_EQ(target->query, c.query) << c.text;
  }
}

TEST(ParseTarget, RefusesOtherForms) {
  for (std::string_view text : {"",        "*",       "a",       "example.com:80", "ftp://a/",
                                "ws://a/", "http:/a", "http://", "http:///a",      "http://?a",
                                "?a",      "/a#b",    "/#",      "/?a#b",          "http://a/#b",
                                "/a b",    "/a\tb",   "/\x7f",   "/\xc3\xa9",      "/?\xc3\xa9",
                                "/\r",     "/\n"}) {
    EXPECT_FALSE(ParseTarget("GET", text)) << text;
  }
  EXPECT_FALSE(ParseTarget("GET", std::string_view("/a\0", 3)));
  EXPECT_FALSE(ParseTarget("options", "*"));
  EXPECT_FALSE(ParseTarget("OPTIONS", "*?a"));
}

TEST(ParseTarget, RefusesPathsThatClimb) {
  for (std::string_view text :
       {"/.",      "/..",    "/./",       "/../",      "/a/.",  "/a/..",         "/a/./b",         "/a/../b",
        "/..?a",   "/%2e",   "/%2E%2e/a", "/.%2e",     "/%2e.", "/a%2f..%2fb",   "/a%2F../b",      "/..%2fa",
        "/..%5ca", "/%5C..", "/..;/a",    "/..;a=b/c", "/.;",   "http://a/../b", "http://a/%2e%2e"}) {
    EXPECT_FALSE(ParseTarget("GET", text)) << text;
  }
  for (std::string_view text : {"/...", "/a..", "/..a", "/.a/b.", "/.well-known/x", "/a..;b", "/%2e%2e%2e",
                                "/a%2fb", "/%2f", "/;..", "/a.b/c..d"}) {
    EXPECT_TRUE(ParseTarget("GET", text)) << text;
  }
}

TEST(ParseTarget, RefusesAmbiguousPathBytes) {
  for (std::string_view text : {"/a\\b", "/\\", "/%", "/%2", "/%zz", "/%2x", "/%00", "/a%", "/%%20"}) {
    EXPECT_FALSE(ParseTarget("GET", text)) << text;
  }
  EXPECT_TRUE(ParseTarget("GET", "/%01%0a%7f%ff"));
}

}  // namespace
}  // namespace fairlead::http1
