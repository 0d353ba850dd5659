#include "pkg/config/sticky_names.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/config/load.h"

namespace fairlead::config {
namespace {

using ::testing::HasSubstr;

// What is wrong where one virtual host sends to two clusters with these cookies; `second_host`: where the
// second has a host of its own.
std::string Wrong(std::string_view one, std::string_view two, bool second_host = false) {
  const Loaded loaded = LoadYaml(
      fmt::format("listeners: [{{name: web, address: 127.0.0.1:8080}}]\n"
                  "virtual_hosts:\n"
                  "- name: first\n"
                  "  domains: [a]\n"
                  "  routes:\n"
                  "  - {{name: one, match: {{prefix: /one}}, cluster: one}}\n"
                  "{}"
                  "  - {{name: two, match: {{prefix: /two}}, cluster: two}}\n"
                  "clusters:\n"
                  "- {{name: one, endpoints: [{{address: '127.0.0.1:1'}}], sticky_cookie: {{{}}}}}\n"
                  "- {{name: two, endpoints: [{{address: '127.0.0.1:2'}}], sticky_cookie: {{{}}}}}\n",
                  second_host ? "- name: second\n  domains: [b]\n  routes:\n" : "", one, two));
  return loaded.violations.empty() ? "" : loaded.violations.front().ToString();
}

TEST(CheckStickyNames, OneNameForTwoClustersOfAHostIsAnError) {
  EXPECT_THAT(Wrong("secure: true", ""),
              HasSubstr("clusters[1].sticky_cookie.name: is that of cluster one as well, and virtual host "
                        "first sends to both"));
  EXPECT_NE(Wrong("name: a, path: /x", "name: a, path: /x/y"), "");
  EXPECT_NE(Wrong("name: a, path: /x/", "name: a, path: /"), "");
}

TEST(CheckStickyNames, WhatNeverMeetsIsNone) {
  EXPECT_EQ(Wrong("name: a", "name: b"), "");
  EXPECT_EQ(Wrong("name: a, path: /x", "name: a, path: /xy"), "");
  EXPECT_EQ(Wrong("name: a", "name: a", true), "");
}

}  // namespace
}  // namespace fairlead::config
