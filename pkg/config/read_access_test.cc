#include "pkg/config/read_access.h"

#include <fmt/format.h>

#include <string>

#include "gmock/gmock.h"
#include "pkg/config/load.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Routed(std::string_view fields, std::string_view action = "cluster: c") {
  return fmt::format(
      "clusters: [{{name: c, endpoints: []}}]\n"
      "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, {}, {}}}]}}]",
      action, fields);
}

void ExpectViolation(const std::string& yaml, const std::string& violation) {
  EXPECT_THAT(ViolationsOf(yaml), ElementsAre("virtual_hosts[0].routes[0]." + violation + " (line 2)"))
      << yaml;
}

TEST(ReadOrigins, KeepsOneTextForEach) {
  const Loaded loaded = LoadYaml(Routed(
      "origins: ['HTTPS://Chat.example.com:443', 'http://*.Test:3000', 'null'], origin_required: true"));
  ASSERT_THAT(loaded.violations, IsEmpty());
  const OriginRules& rules = loaded.file->config.virtual_hosts[0].routes[0].origins;
  EXPECT_THAT(rules.allowed, ElementsAre("https://chat.example.com", "http://*.test:3000", "null"));
  EXPECT_TRUE(rules.required);
}

TEST(ReadOrigins, RefusesWhatIsNone) {
  for (std::string_view text :
       {"chat.example.com", "https://chat.example.com/", "https://a/b", "*", "*.example.com", "https://*",
        "https://*.", "https://a.*.com", "https://*.[::1]", "https://**.a", "https://a:x"}) {
    ExpectViolation(
        Routed(fmt::format("origins: ['{}']", text)),
        fmt::format("origins[0]: \"{}\" is no origin, write https://chat.example.com, "
                    "https://*.example.com, with a port where it is not the usual one, and no path",
                    text));
  }
}

TEST(ReadOrigins, RefusesWhatHasNoEffect) {
  ExpectViolation(Routed("origins: []"), "origins: is empty, list origins, or leave it out for any");
  ExpectViolation(Routed("origins: ['https://a', 'https://A:443']"),
                  "origins[1]: is there already, leave it out");
  ExpectViolation(Routed("origin_required: true"),
                  "origin_required: has no origins beside it, list origins, or leave it out");
  ExpectViolation(Routed("origins: ['https://a']", "redirect: {path: /x}"),
                  "origins: is of no use beside redirect, leave it out");
}

TEST(ReadAddressRules, ReadsPrefixes) {
  const Loaded loaded = LoadYaml(Routed(
      "client_addresses: {allow: [10.0.0.0/8], deny: [10.0.0.1, '2001:db8::/32']}", "redirect: {path: /x}"));
  ASSERT_THAT(loaded.violations, IsEmpty());
  const AddressRules& rules = loaded.file->config.virtual_hosts[0].routes[0].client_addresses;
  EXPECT_THAT(rules.allow, ElementsAre(*base::Cidr::Parse("10.0.0.0/8")));
  EXPECT_THAT(rules.deny,
              ElementsAre(*base::Cidr::Parse("10.0.0.1/32"), *base::Cidr::Parse("2001:db8::/32")));
}

TEST(ReadAddressRules, RefusesWhatIsNoneOrEmpty) {
  ExpectViolation(
      Routed("client_addresses: {deny: [10.0.0.1/8]}"),
      "client_addresses.deny[0]: \"10.0.0.1/8\" is no address prefix, write one such as 10.0.0.0/8, "
      "without bits behind its length");
  ExpectViolation(Routed("client_addresses: {allow: []}"),
                  "client_addresses.allow: is empty, list addresses, or leave it out for all");
}

}  // namespace
}  // namespace fairlead::config
