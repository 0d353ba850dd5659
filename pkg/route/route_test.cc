#include "pkg/route/route.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace fairlead::route {
namespace {

Route WithUpgrades(std::vector<std::string> upgrades) {
  config::Route route;
  route.upgrades = std::move(upgrades);
  return Route("chat", route, {});
}

TEST(Route, AllowsTheUpgradesItNames) {
  const Route route = WithUpgrades({"websocket", "example"});
  EXPECT_TRUE(route.AllowsUpgrade("websocket"));
  EXPECT_TRUE(route.AllowsUpgrade("WebSocket"));
  EXPECT_TRUE(route.AllowsUpgrade("example"));
  EXPECT_FALSE(route.AllowsUpgrade("websockets"));
  EXPECT_FALSE(route.AllowsUpgrade(""));
  EXPECT_FALSE(WithUpgrades({}).AllowsUpgrade("websocket"));
}

TEST(Route, NeverAllowsH2c) {
  EXPECT_TRUE(WithUpgrades({"*"}).AllowsUpgrade("anything"));
  EXPECT_FALSE(WithUpgrades({"*"}).AllowsUpgrade("h2c"));
  EXPECT_FALSE(WithUpgrades({"*", "h2c"}).AllowsUpgrade("H2C"));
  EXPECT_FALSE(WithUpgrades({"*", "h2c/1"}).AllowsUpgrade("h2c/1"));
  EXPECT_TRUE(WithUpgrades({"*"}).AllowsUpgrade("h2cx/1"));
}

TEST(Route, PicksTargetsByWeight) {
  config::Route config;
  const Route route("chat", config, {{"a", 0, 1}, {"b", 1, 0}, {"c", 2, 3}});
  base::Random random(3);
  std::map<std::string, int> picks;
  for (int i = 0; i < 4000; ++i) ++picks[route.PickTarget(random).cluster];
  EXPECT_NEAR(picks["a"], 1000, 150);
  EXPECT_EQ(picks["b"], 0);
  EXPECT_NEAR(picks["c"], 3000, 150);
}

std::string Rewritten(const std::string& prefix, const std::string& replacement, std::string_view path) {
  config::Route route;
  route.match.path = config::PrefixMatch{prefix};
  route.rewrite.prefix = replacement;
  return Route("chat", route, {}).RewritePath(path);
}

TEST(Route, RewritesThePrefixThatMatched) {
  EXPECT_EQ(Rewritten("/ws", "/", "/ws"), "/");
  EXPECT_EQ(Rewritten("/ws", "/", "/ws/a"), "/a");
  EXPECT_EQ(Rewritten("/ws", "/", "/ws/"), "/");
  EXPECT_EQ(Rewritten("/ws", "/socket", "/ws"), "/socket");
  EXPECT_EQ(Rewritten("/ws", "/socket", "/ws/a/b"), "/socket/a/b");
  EXPECT_EQ(Rewritten("/ws", "/socket/", "/ws/a"), "/socket/a");
  EXPECT_EQ(Rewritten("/ws/", "/socket", "/ws/a"), "/socket/a");
  EXPECT_EQ(Rewritten("/", "/v1", "/a"), "/v1/a");
  EXPECT_EQ(Rewritten("/", "/v1", "/"), "/v1");
  EXPECT_EQ(Rewritten("/ws", "", "/ws"), "/");
  EXPECT_EQ(Rewritten("/ws", "", "/ws/a"), "/a");
  EXPECT_EQ(Rewritten("/ws", "/", "/ws//a"), "//a");
  EXPECT_EQ(Rewritten("/", "/v1", "*"), "*");
}

TEST(Route, LeavesThePathWhereNothingIsRewritten) {
  config::Route route;
  route.match.path = config::PrefixMatch{"/ws"};
  EXPECT_EQ(Route("chat", route, {}).RewritePath("/ws/a"), "/ws/a");
}

TEST(Route, CarriesWhatASessionNeeds) {
  config::Route config;
  config.name = "ws";
  config.rewrite.host = "backend.internal";
  config.via_header = true;
  config.timeouts.idle = base::Duration(7);
  config.action = config::Redirect{"https", "", "", 301};
  const Route route("chat", config, {});
  EXPECT_EQ(route.name(), "ws");
  EXPECT_EQ(route.virtual_host(), "chat");
  EXPECT_EQ(route.rewrite_host(), "backend.internal");
  EXPECT_TRUE(route.via_header());
  EXPECT_FALSE(route.forwarded_header());
  EXPECT_EQ(route.timeouts().idle, base::Duration(7));
  ASSERT_TRUE(route.redirect());
  EXPECT_EQ(route.redirect()->status, 301);
}

}  // namespace
}  // namespace fairlead::route
