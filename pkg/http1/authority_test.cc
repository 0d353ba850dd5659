#include "pkg/http1/authority.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::http1 {
namespace {

TEST(ParseAuthority, SplitsHostAndPort) {
  const struct {
    std::string_view text, host, port;
  } cases[] = {
      {"a", "a", ""},
      {"Chat.Example.com.", "Chat.Example.com.", ""},
      {"example.com:8080", "example.com", "8080"},
      {"example.com:", "example.com", ""},
      {"127.0.0.1:0", "127.0.0.1", "0"},
      {"my_host-1~:65535", "my_host-1~", "65535"},
      {"[2001:db8::1]", "[2001:db8::1]", ""},
      {"[::ffff:192.0.2.1]:443", "[::ffff:192.0.2.1]", "443"},
  };
  for (const auto& c : cases) {
    const std::optional<Authority> authority = ParseAuthority(c.text);
    ASSERT_TRUE(authority) << c.text;
    EXPECT_EQ(authority->host, c.host);
    EXPECT_EQ(authority->port, c.port);
  }
}

TEST(ParseAuthority, RefusesWhatNamesNoHost) {
  for (std::string_view text :
       {"",       ":80",   "a:b",   "a:65536", "a:000080", "a:-1",    "a:+1",   "a:1:2",      "a b",
        "a,b",    "a/b",   "a?b",   "a#b",     "user@a",   "a\\b",    "a%41",   "\xc3\xa9",   "[",
        "]",      "[]",    "[::1",  "::1",     "[::1]a",   "[::1]80", "a[::1]", "[::1%25lo]", "[192.0.2.1]",
        "[v1.a]", "[::g]", "a\x7f", "a'b",     "a;b",      "*"}) {
    EXPECT_FALSE(ParseAuthority(text)) << text;
  }
  EXPECT_FALSE(ParseAuthority(std::string_view("a\0b", 3)));
  EXPECT_TRUE(ParseAuthority(std::string(255, 'a')));
  EXPECT_FALSE(ParseAuthority(std::string(256, 'a')));
}

}  // namespace
}  // namespace fairlead::http1
