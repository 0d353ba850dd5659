#include "pkg/route/redirect.h"

#include <gtest/gtest.h>

namespace fairlead::route {
namespace {

struct Case {
  config::Redirect redirect;
  const char* host;
  const char* path;
  const char* query;
  const char* location;
};

TEST(Location, IsAsTheRedirectSaysAndElseAsRequested) {
  const Case cases[] = {
      {{"https", "", ""}, "example.com", "/a/b", "", "https://example.com/a/b"},
      {{"https", "", ""}, "example.com:8080", "/a", "x=1", "https://example.com/a?x=1"},
      {{"http", "", ""}, "example.com:8080", "/", "", "http://example.com:8080/"},
      {{"https", "", ""}, "[::1]:8080", "/", "", "https://[::1]/"},
      {{"", "new.example.com", ""}, "example.com:8080", "/a", "x=1&y", "http://new.example.com/a?x=1&y"},
      {{"", "new.example.com:81", ""}, "example.com", "/a", "", "http://new.example.com:81/a"},
      {{"", "", "/b"}, "example.com:8080", "/a", "x", "http://example.com:8080/b?x"},
      {{"", "", "/b?from=a"}, "example.com", "/a", "x=1", "http://example.com/b?from=a&x=1"},
      {{"", "", "/b"}, "", "/a", "x", "/b?x"},
      {{"https", "", ""}, "", "/a", "", "/a"},
      {{"https", "", ""}, "example.com", "*", "", "https://example.com/"},
  };
  const http1::Fields none;
  for (const Case& c : cases) {
    const RequestView request = {.host = c.host, .path = c.path, .query = c.query, .headers = none};
    EXPECT_EQ(Location(c.redirect, "http", request), c.location);
  }
}

TEST(Location, NeverLetsAPathNameAHost) {
  const http1::Fields none;
  EXPECT_EQ(Location({"https", "", ""}, "http", {.path = "//evil.example", .headers = none}),
            "/.//evil.example");
  EXPECT_EQ(Location({"https", "", ""}, "http", {.host = "a", .path = "//evil.example", .headers = none}),
            "https://a//evil.example");
}

}  // namespace
}  // namespace fairlead::route
