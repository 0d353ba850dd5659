#include "pkg/http1/origin.h"

#include <gtest/gtest.h>

namespace fairlead::http1 {
namespace {

TEST(NormalizeOrigin, HasOneTextForEachOrigin) {
  const struct {
    std::string_view text, origin;
  } cases[] = {
      {"https://chat.example.com", "https://chat.example.com"},
      {"HTTPS://Chat.Example.COM", "https://chat.example.com"},
      {"https://a:443", "https://a"},
      {"http://a:80", "http://a"},
      {"http://a:443", "http://a:443"},
      {"https://a:8443", "https://a:8443"},
      {"http://[2001:db8::1]:3000", "http://[2001:db8::1]:3000"},
      {"chrome-extension://abcdef", "chrome-extension://abcdef"},
      {"null", "null"},
  };
  for (const auto& c : cases) EXPECT_EQ(NormalizeOrigin(c.text), c.origin) << c.text;
}

TEST(NormalizeOrigin, RefusesWhatIsNone) {
  for (std::string_view text : {"",
                                "a",
                                "a.example.com",
                                "//a",
                                "://a",
                                "https://",
                                "https:///",
                                "https://a/",
                                "https://a/x",
                                "https://a?x",
                                "https://a#x",
                                "https://u@a",
                                "https://a b",
                                "https://a https://b",
                                "https://a, https://b",
                                "https://a:",
                                "https://a:x",
                                "https://a:99999",
                                "https://*",
                                "https://*.a",
                                "1x://a",
                                "ht tp://a",
                                "NULL",
                                "https://a\\b",
                                "https://a%2eb",
                                "https://\xc3\xa9"}) {
    EXPECT_EQ(NormalizeOrigin(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fairlead::http1
