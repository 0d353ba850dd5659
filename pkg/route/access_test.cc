#include "pkg/route/access.h"

#include <gtest/gtest.h>

namespace fairlead::route {
namespace {

bool Allows(const OriginRules& rules, std::string_view origin) {
  http1::Fields fields;
  fields.Add("Origin", origin);
  return rules.Allow(fields);
}

TEST(OriginRules, AllowEverythingWhereNothingIsListed) {
  const OriginRules rules(config::OriginRules{});
  EXPECT_TRUE(rules.Allow(http1::Fields()));
  EXPECT_TRUE(Allows(rules, "https://evil.example"));
  EXPECT_TRUE(Allows(rules, "no origin"));
}

TEST(OriginRules, AllowWhatIsListed) {
  const OriginRules rules({.allowed = {"https://chat.example.com", "http://localhost:3000"}});
  for (std::string_view origin : {"https://chat.example.com", "HTTPS://CHAT.example.com",
                                  "https://chat.example.com:443", "http://localhost:3000"}) {
    EXPECT_TRUE(Allows(rules, origin)) << origin;
  }
  for (std::string_view origin :
       {"http://chat.example.com", "https://chat.example.com:8443", "https://chat.example.com.evil.example",
        "https://evil.example", "https://xchat.example.com", "https://example.com", "http://localhost",
        "null", "", "chat.example.com", "https://chat.example.com/",
        "https://chat.example.com, https://evil.example", "https://user@chat.example.com",
        "https://chat.example.com."}) {
    EXPECT_FALSE(Allows(rules, origin)) << origin;
  }
}

TEST(OriginRules, AllowWhatAWildcardCovers) {
  const OriginRules rules({.allowed = {"https://*.example.com", "http://*.test:3000"}});
  for (std::string_view origin : {"https://a.example.com", "https://a.b.example.com", "http://x.test:3000"}) {
    EXPECT_TRUE(Allows(rules, origin)) << origin;
  }
  for (std::string_view origin :
       {"https://example.com", "https://.example.com", "http://a.example.com", "https://a.example.com:8443",
        "https://evilexample.com", "https://a.example.com.evil.example", "https://evil.example/.example.com",
        "https://evil.example?.example.com", "https://evil.example#.example.com", "https://a@b.example.com",
        "http://x.test", "null"}) {
    EXPECT_FALSE(Allows(rules, origin)) << origin;
  }
}

TEST(OriginRules, AllowNullOnlyWhereItIsListed) {
  EXPECT_TRUE(Allows(OriginRules({.allowed = {"null"}}), "null"));
  EXPECT_FALSE(Allows(OriginRules({.allowed = {"null"}}), "https://a"));
}

TEST(OriginRules, TakeNoneForAStrangerOnlyWhereItIsRequired) {
  EXPECT_TRUE(OriginRules({.allowed = {"https://a"}}).Allow(http1::Fields()));
  EXPECT_FALSE(OriginRules({.allowed = {"https://a"}, .required = true}).Allow(http1::Fields()));
}

TEST(OriginRules, TakeTwoForAStranger) {
  http1::Fields fields;
  fields.Add("Origin", "https://a");
  fields.Add("origin", "https://a");
  EXPECT_FALSE(OriginRules({.allowed = {"https://a"}}).Allow(fields));
}

std::vector<base::Cidr> Prefixes(std::initializer_list<std::string_view> texts) {
  std::vector<base::Cidr> prefixes;
  for (std::string_view text : texts) prefixes.push_back(*base::Cidr::Parse(text));
  return prefixes;
}

TEST(AddressRules, AllowEverybodyWhereNobodyIsListed) {
  EXPECT_TRUE(AddressRules(config::AddressRules{}).Allow(base::IpAddress::Parse("192.0.2.1")));
  EXPECT_TRUE(AddressRules(config::AddressRules{}).Allow(std::nullopt));
}

TEST(AddressRules, AllowWhoIsListed) {
  const AddressRules rules({.allow = Prefixes({"10.0.0.0/8", "2001:db8::/32"}), .deny = {}});
  for (std::string_view client : {"10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"}) {
    EXPECT_TRUE(rules.Allow(base::IpAddress::Parse(client))) << client;
  }
  for (std::string_view client : {"11.0.0.1", "2001:db9::1", "::1"}) {
    EXPECT_FALSE(rules.Allow(base::IpAddress::Parse(client))) << client;
  }
  EXPECT_FALSE(rules.Allow(std::nullopt)) << "a client without an address is in no list";
}

TEST(AddressRules, DenyBeatsAllow) {
  const AddressRules rules({.allow = Prefixes({"10.0.0.0/8"}), .deny = Prefixes({"10.1.0.0/16"})});
  EXPECT_TRUE(rules.Allow(base::IpAddress::Parse("10.2.0.1")));
  EXPECT_FALSE(rules.Allow(base::IpAddress::Parse("10.1.0.1")));
  const AddressRules deny({.allow = {}, .deny = Prefixes({"10.1.0.0/16"})});
  EXPECT_TRUE(deny.Allow(base::IpAddress::Parse("192.0.2.1")));
  EXPECT_FALSE(deny.Allow(base::IpAddress::Parse("10.1.0.1")));
  EXPECT_TRUE(deny.Allow(std::nullopt));
}

}  // namespace
}  // namespace fairlead::route
