#include "pkg/route/hash_key.h"

#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "pkg/balancer/stable_hash.h"

namespace fairlead::route {
namespace {

std::optional<uint64_t> KeyFor(const std::vector<config::HashKey>& keys,
                               std::optional<base::IpAddress> client) {
  const http1::Fields none;
  return ExtractKey(keys, {.headers = none, .client = client});
}

TEST(FingerprintOf, TellsWaysToMakeKeysApart) {
  const auto of = [](std::vector<config::HashKey> keys) { return FingerprintOf(keys); };
  const config::HashKey keys[] = {config::SourceIpKey{},      config::SourceIpKey{.ipv4_prefix_length = 24},
                                  config::HeaderKey{"a"},     config::HeaderKey{"b"},
                                  config::CookieKey{"a", {}}, config::QueryKey{"a"},
                                  config::PathKey{},          config::PathKey{1}};
  std::set<uint32_t> fingerprints = {of({keys[0], keys[2]}), of({keys[2], keys[0]})};
  for (const config::HashKey& key : keys) fingerprints.insert(of({key}));
  EXPECT_EQ(fingerprints.size(), std::size(keys) + 2);
  EXPECT_EQ(of({config::CookieKey{"a", config::CookieIssue{}}}), of({config::CookieKey{"a", {}}}))
      << "issued or not, its value is what is hashed";
}

TEST(ExtractKey, HashesTheClientsAddress) {
  const std::vector<config::HashKey> keys = {config::SourceIpKey{}};
  EXPECT_EQ(KeyFor(keys, base::IpAddress::Parse("192.0.2.1")), 0x2c1c901eed9adc4a);
  EXPECT_EQ(KeyFor(keys, base::IpAddress::Parse("::ffff:192.0.2.1")), 0x2c1c901eed9adc4a);
  EXPECT_NE(KeyFor(keys, base::IpAddress::Parse("192.0.2.2")), 0x2c1c901eed9adc4a);
}

TEST(ExtractKey, TakesAPrefixOfTheAddress) {
  const std::vector<config::HashKey> keys = {
      config::SourceIpKey{.ipv4_prefix_length = 20, .ipv6_prefix_length = 64}};
  const auto key = [&](const char* ip) { return KeyFor(keys, base::IpAddress::Parse(ip)); };
  EXPECT_EQ(key("192.0.2.1"), balancer::StableHash(base::IpAddress::Parse("192.0.0.0")->bytes()));
  EXPECT_EQ(key("192.0.15.255"), key("::ffff:192.0.2.1"));
  EXPECT_NE(key("192.0.16.0"), key("192.0.2.1"));
  EXPECT_EQ(key("2001:db8::1"), key("2001:db8::ffff:1:2:3"));
  EXPECT_NE(key("2001:db8::1"), key("2001:db8:0:1::1"));
}

TEST(ExtractKey, TakesHeadersCookiesParametersAndPaths) {
  http1::Fields headers;
  headers.Add("X-User", "ada");
  headers.Add("X-Empty", "");
  headers.Add("Cookie", "a=1; sid=\"ada\";b");
  headers.Add("Cookie", "c = 3 ");
  const RequestView request = {.path = "/a/b/c", .query = "v=1&user=ada", .headers = headers};
  const auto key = [&](config::HashKey key) {
    return ExtractKey(std::vector<config::HashKey>{std::move(key)}, request);
  };
  const uint64_t ada = balancer::StableHash("ada");
  EXPECT_EQ(key(config::HeaderKey{"x-user"}), ada);
  EXPECT_EQ(key(config::HeaderKey{"x-empty"}), std::nullopt);
  EXPECT_EQ(key(config::HeaderKey{"x-none"}), std::nullopt);
  EXPECT_EQ(key(config::CookieKey{"sid", {}}), ada);
  EXPECT_EQ(key(config::CookieKey{"c", {}}), balancer::StableHash("3"));
  EXPECT_EQ(key(config::CookieKey{"b", {}}), std::nullopt);
  EXPECT_EQ(key(config::QueryKey{"user"}), ada);
  EXPECT_EQ(key(config::QueryKey{"none"}), std::nullopt);
  EXPECT_EQ(key(config::PathKey{}), balancer::StableHash("/a/b/c"));
  EXPECT_EQ(key(config::PathKey{1}), balancer::StableHash("/a"));
  EXPECT_EQ(key(config::PathKey{2}), balancer::StableHash("/a/b"));
  EXPECT_EQ(key(config::PathKey{9}), balancer::StableHash("/a/b/c"));
}

TEST(ExtractKey, TakesTheFirstThatYields) {
  http1::Fields headers;
  headers.Add("x-user", "ada");
  const RequestView request = {
      .path = "/", .headers = headers, .client = base::IpAddress::Parse("192.0.2.1")};
  const std::vector<config::HashKey> keys = {config::QueryKey{"user"}, config::HeaderKey{"x-user"},
                                             config::SourceIpKey{}};
  EXPECT_EQ(ExtractKey(keys, request), balancer::StableHash("ada"));
}

TEST(CookieToIssue, IsTheFirstThatTheClientLacksWhenNothingElseYields) {
  http1::Fields headers;
  const config::CookieKey issued{"sid", config::CookieIssue{}}, other{"app", {}};
  const RequestView request = {.headers = headers};
  const std::vector<config::HashKey> keys = {other, issued, config::SourceIpKey{}};
  EXPECT_EQ(CookieToIssue(keys, request), &std::get<config::CookieKey>(keys[1]));
  EXPECT_EQ(CookieToIssue(std::vector<config::HashKey>{other}, request), nullptr);
  headers.Add("Cookie", "app=1");
  EXPECT_EQ(CookieToIssue(keys, request), nullptr);
  headers.Clear();
  headers.Add("Cookie", "sid=1");
  EXPECT_EQ(CookieToIssue(keys, request), nullptr);
}

TEST(ExtractKey, HasNoneForAClientWithoutAddress) {
  EXPECT_EQ(KeyFor({config::SourceIpKey{}}, std::nullopt), std::nullopt);
}

TEST(ExtractKey, HasNoneWhenNoneIsAskedFor) {
  EXPECT_EQ(KeyFor({}, base::IpAddress::Parse("192.0.2.1")), std::nullopt);
}

}  // namespace
}  // namespace fairlead::route
