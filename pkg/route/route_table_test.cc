#include "pkg/route/route_table.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::route {
namespace {

config::VirtualHost Host(std::string name, std::vector<std::string> domains,
                         std::vector<std::string> listeners = {}) {
  config::VirtualHost host;
  host.name = std::move(name);
  host.domains = std::move(domains);
  host.listeners = std::move(listeners);
  host.routes.resize(1);
  host.routes[0].name = "all";
  host.routes[0].match.path = config::PrefixMatch{"/"};
  host.routes[0].action = std::vector<config::WeightedCluster>{{"second", 1}};
  return host;
}

config::Config Configuration(std::vector<config::VirtualHost> hosts) {
  config::Config config;
  config.listeners.resize(2);
  config.listeners[0].name = "web";
  config.listeners[1].name = "internal";
  config.clusters.resize(2);
  config.clusters[0].name = "first";
  config.clusters[1].name = "second";
  config.virtual_hosts = std::move(hosts);
  return config;
}

std::string Match(const RouteTable& table, std::string_view host, std::string_view path = "/") {
  const http1::Fields none;
  const Route* route = table.Match({.method = "GET", .host = host, .path = path, .headers = none});
  return route == nullptr ? "none" : route->virtual_host();
}

TEST(RouteTable, PrefersExactThenTheLongestWildcardThenAny) {
  const auto tables = CompileRouteTables(Configuration({
      Host("any", {"*"}),
      Host("wide", {"*.example.com"}),
      Host("narrow", {"*.chat.example.com"}),
      Host("exact", {"a.chat.example.com", "example.com"}),
  }));
  const RouteTable& table = *tables[0];
  EXPECT_EQ(Match(table, "a.chat.example.com"), "exact");
  EXPECT_EQ(Match(table, "b.chat.example.com"), "narrow");
  EXPECT_EQ(Match(table, "c.b.chat.example.com"), "narrow");
  EXPECT_EQ(Match(table, "chat.example.com"), "wide");
  EXPECT_EQ(Match(table, "example.com"), "exact");
  EXPECT_EQ(Match(table, ".example.com"), "any");
  EXPECT_EQ(Match(table, "badexample.com"), "any");
  EXPECT_EQ(Match(table, ""), "any");
}

TEST(RouteTable, MatchesHostsWithoutPortInAnyCase) {
  const auto tables =
      CompileRouteTables(Configuration({Host("chat", {"chat.example.com", "*.chat.example.com", "[::1]"})}));
  for (const char* host : {"chat.example.com", "chat.example.com:8080", "CHAT.example.COM.",
                           "chat.example.com.:80", "A.Chat.Example.Com:80", "[::1]:8080"}) {
    EXPECT_EQ(Match(*tables[0], host), "chat") << host;
  }
  EXPECT_EQ(Match(*tables[0], "example.com"), "none");
}

TEST(RouteTable, BindsVirtualHostsToTheirListeners) {
  const auto tables = CompileRouteTables(Configuration({
      Host("public", {"a.example.com"}, {"web"}),
      Host("private", {"a.example.com", "*"}, {"internal"}),
      Host("both", {"b.example.com"}),
  }));
  ASSERT_EQ(tables.size(), 2);
  EXPECT_EQ(Match(*tables[0], "a.example.com"), "public");
  EXPECT_EQ(Match(*tables[1], "a.example.com"), "private");
  EXPECT_EQ(Match(*tables[0], "b.example.com"), "both");
  EXPECT_EQ(Match(*tables[1], "b.example.com"), "both");
  EXPECT_EQ(Match(*tables[0], "c.example.com"), "none");
}

TEST(RouteTable, StaysWithTheHostThatMatched) {
  config::VirtualHost exact = Host("exact", {"a.example.com"});
  exact.routes[0].match.path = config::PrefixMatch{"/a"};
  const auto tables = CompileRouteTables(Configuration({exact, Host("any", {"*"})}));
  EXPECT_EQ(Match(*tables[0], "a.example.com", "/a"), "exact");
  EXPECT_EQ(Match(*tables[0], "a.example.com", "/b"), "none");
}

TEST(RouteTable, TellsTargetsTheirPlaceInTheConfiguration) {
  const auto tables = CompileRouteTables(Configuration({Host("any", {"*"})}));
  const http1::Fields none;
  base::Random random(1);
  EXPECT_EQ(tables[0]->Match({.path = "/", .headers = none})->PickTarget(random).cluster_index, 1);
}

TEST(RouteTable, IsNotSlowedByAHostOfManyDots) {
  const auto tables =
      CompileRouteTables(Configuration({Host("wide", {"*.example.com"}), Host("any", {"*"})}));
  std::string host;
  for (int i = 0; i < 16000; ++i) host += ".a";
  EXPECT_EQ(Match(*tables[0], host), "any");
  EXPECT_EQ(Match(*tables[0], host + ".example.com"), "wide");
}

}  // namespace
}  // namespace fairlead::route
