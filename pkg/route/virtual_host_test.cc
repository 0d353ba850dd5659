#include "pkg/route/virtual_host.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::route {
namespace {

using Path = decltype(config::RouteMatch::path);

Path Exact(std::string path) {
  return config::ExactMatch{std::move(path)};
}
Path Prefix(std::string path) {
  return config::PrefixMatch{std::move(path)};
}
Path Regex(std::string pattern) {
  return config::RegexMatch{std::move(pattern)};
}

// A virtual host under construction, and the names of the routes that its requests reach.
class Host {
 public:
  Host& Add(std::string name, Path path, std::string method = "",
            std::vector<config::ValueMatch> headers = {}, std::vector<config::ValueMatch> query = {}) {
    config::Route route;
    route.name = std::move(name);
    route.match = {std::move(path), std::move(method), std::move(headers), std::move(query)};
    route.action = std::vector<config::WeightedCluster>{{"chat", 1}};
    host_.routes.push_back(std::move(route));
    return *this;
  }

  std::string Match(std::string_view path, std::string_view method = "GET", std::string_view query = "",
                    std::initializer_list<http1::Field> headers = {}) const {
    http1::Fields fields;
    for (const http1::Field& field : headers) fields.Add(field.name, field.value);
    const VirtualHost compiled(host_, [](std::string_view) { return size_t{5}; });
    const Route* route = compiled.Match({.method = method, .path = path, .query = query, .headers = fields});
    return route == nullptr ? "none" : route->name();
  }

 private:
  config::VirtualHost host_;
};

TEST(VirtualHost, MatchesPrefixesOnSegmentBoundaries) {
  const Host host = Host().Add("ws", Prefix("/ws"));
  EXPECT_EQ(host.Match("/ws"), "ws");
  EXPECT_EQ(host.Match("/ws/"), "ws");
  EXPECT_EQ(host.Match("/ws/a"), "ws");
  EXPECT_EQ(host.Match("/wsx"), "none");
  EXPECT_EQ(host.Match("/w"), "none");
  EXPECT_EQ(host.Match("/a/ws"), "none");
  EXPECT_EQ(host.Match("/WS"), "none");
}

TEST(VirtualHost, TakesASlashAtThePrefixsEndAsMeant) {
  const Host host = Host().Add("ws", Prefix("/ws/"));
  EXPECT_EQ(host.Match("/ws/"), "ws");
  EXPECT_EQ(host.Match("/ws/a"), "ws");
  EXPECT_EQ(host.Match("/ws"), "none");
}

TEST(VirtualHost, TakesTheRootPrefixForEverything) {
  const Host host = Host().Add("all", Prefix("/"));
  EXPECT_EQ(host.Match("/"), "all");
  EXPECT_EQ(host.Match("/a/b"), "all");
  EXPECT_EQ(host.Match("*", "OPTIONS"), "all");
}

TEST(VirtualHost, MatchesRegexesAgainstTheWholePath) {
  const Host host = Host().Add("room", Regex("/room/[0-9]+"));
  EXPECT_EQ(host.Match("/room/17"), "room");
  EXPECT_EQ(host.Match("/room/17/x"), "none");
  EXPECT_EQ(host.Match("/a/room/17"), "none");
}

TEST(VirtualHost, MatchesTheRawPath) {
  const Host host = Host().Add("exact", Exact("/a%20b"));
  EXPECT_EQ(host.Match("/a%20b"), "exact");
  EXPECT_EQ(host.Match("/a b"), "none");
}

TEST(VirtualHost, PrefersExactThenTheLongestPrefixThenRegexesInOrder) {
  const Host host = Host()
                        .Add("regex-1", Regex("/.*[a-z]"))
                        .Add("regex-2", Regex(".*"))
                        .Add("short", Prefix("/a"))
                        .Add("long", Prefix("/a/b"))
                        .Add("exact", Exact("/a/b"));
  EXPECT_EQ(host.Match("/a/b"), "exact");
  EXPECT_EQ(host.Match("/a/b/c"), "long");
  EXPECT_EQ(host.Match("/a/c"), "short");
  EXPECT_EQ(host.Match("/b"), "regex-1");
  EXPECT_EQ(host.Match("/1"), "regex-2");
}

TEST(VirtualHost, PrefersAmongEqualsMethodThenHeadersThenQueryThenOrder) {
  for (const Path& path : {Exact("/a"), Prefix("/a"), Regex("/a")}) {
    const Host host = Host()
                          .Add("plain", path)
                          .Add("second", path)
                          .Add("query", path, "", {}, {{"v", {}}})
                          .Add("header", path, "", {{"x-a", {}}})
                          .Add("headers", path, "", {{"x-a", {}}, {"x-b", {}}})
                          .Add("method", path, "PUT");
    EXPECT_EQ(host.Match("/a", "PUT", "v", {{"x-a", "1"}, {"x-b", "1"}}), "method");
    EXPECT_EQ(host.Match("/a", "GET", "v", {{"x-a", "1"}, {"x-b", "1"}}), "headers");
    EXPECT_EQ(host.Match("/a", "GET", "v", {{"x-a", "1"}}), "header");
    EXPECT_EQ(host.Match("/a", "GET", "v"), "query");
    EXPECT_EQ(host.Match("/a"), "plain");
  }
}

TEST(VirtualHost, LooksFurtherWhenAConditionDoesNotHold) {
  const Host host = Host()
                        .Add("exact", Exact("/a"), "PUT")
                        .Add("prefix", Prefix("/a"), "", {{"x-a", {}}})
                        .Add("regex", Regex("/."));
  EXPECT_EQ(host.Match("/a", "PUT"), "exact");
  EXPECT_EQ(host.Match("/a", "GET", "", {{"x-a", "1"}}), "prefix");
  EXPECT_EQ(host.Match("/a", "GET"), "regex");
}

TEST(VirtualHost, HasNoRouteWithoutRoutes) {
  EXPECT_EQ(Host().Match("/"), "none");
}

TEST(VirtualHost, PointsItsRoutesAtTheirClusters) {
  config::VirtualHost config;
  config.name = "chat";
  config.routes.resize(1);
  config.routes[0].match.path = Prefix("/");
  config.routes[0].action = std::vector<config::WeightedCluster>{{"chat", 2}};
  const VirtualHost host(config, [](std::string_view name) { return name == "chat" ? size_t{5} : 0; });
  const http1::Fields none;
  const Route* route = host.Match({.path = "/", .headers = none});
  ASSERT_NE(route, nullptr);
  base::Random random(1);
  EXPECT_EQ(route->PickTarget(random).cluster, "chat");
  EXPECT_EQ(route->PickTarget(random).cluster_index, 5);
  EXPECT_EQ(route->virtual_host(), "chat");
}

}  // namespace
}  // namespace fairlead::route
