#include "pkg/config/read_websocket.h"

#include <fmt/format.h>

#include <string>

#include "gmock/gmock.h"
#include "pkg/config/load.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string WithRoute(std::string_view fields) {
  return fmt::format(
      "clusters: [{{name: c, endpoints: []}}]\n"
      "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, {}}}]}}]",
      fields);
}

TEST(ReadWebSocket, KeepaliveIsOnUnlessItIsSwitchedOff) {
  const Loaded loaded = LoadYaml(WithRoute("cluster: c"));
  const Route& route = loaded.file->config.virtual_hosts[0].routes[0];
  EXPECT_EQ(route.keepalive.interval, std::chrono::seconds(30));
  EXPECT_EQ(route.keepalive.timeout, std::chrono::seconds(20));
  EXPECT_EQ(route.keepalive.send_to, PingTarget::kClient);
  EXPECT_EQ(route.timeouts.idle, std::nullopt);
  EXPECT_THAT(ViolationsOf(WithRoute("cluster: c, keepalive: {interval: 0s}")), IsEmpty());
}

TEST(ReadWebSocket, NamesWhatIsWrong) {
  const std::string at = "virtual_hosts[0].routes[0].";
  EXPECT_THAT(
      ViolationsOf(WithRoute("cluster: c, keepalive: {timeout: 0s}")),
      ElementsAre(at + "keepalive.timeout: 0s is out of range, give a duration from 1ms to 24h (line 2)"));
  EXPECT_THAT(
      ViolationsOf(WithRoute("cluster: c, websocket: {subprotocols: [mqtt, 'a b', mqtt]}")),
      ElementsAre(at + "websocket.subprotocols[1]: \"a b\" is no subprotocol, use letters, digits and "
                       "!#$%&'*+-.^_`|~ (line 2)",
                  at + "websocket.subprotocols[2]: the subprotocol \"mqtt\" is taken by "
                       "virtual_hosts[0].routes[0].websocket.subprotocols[0], give each its own "
                       "subprotocol (line 2)"));
  EXPECT_THAT(ViolationsOf(WithRoute("redirect: {scheme: https}, keepalive: {}, websocket: {strict: true}")),
              ElementsAre(at + "keepalive: is of no use beside redirect, leave it out (line 2)",
                          at + "websocket: is of no use beside redirect, leave it out (line 2)"));
}

TEST(ReadWebSocket, TakesOnlyCloseCodesThatMayBeSent) {
  for (const int code : {1000, 1001, 1012, 3000, 4999}) {
    EXPECT_THAT(ViolationsOf(fmt::format("drain: {{close_code: {}}}", code)), IsEmpty()) << code;
  }
  for (const int code : {0, 1005, 1006, 2000, 5000, 66537}) {
    EXPECT_THAT(
        ViolationsOf(fmt::format("drain: {{close_code: {}}}", code)),
        ElementsAre(fmt::format("drain.close_code: {} is no code that a Close may have, give one such "
                                "as 1001, 1012, 1013, or one from 3000 to 4999 (line 1)",
                                code)));
  }
}

}  // namespace
}  // namespace fairlead::config
