#include "pkg/config/read_route.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A configuration with the route on its last line.
std::string WithRoute(const std::string& fields) {
  return "clusters: [{name: c, endpoints: []}, {name: d, endpoints: []}]\n"
         "virtual_hosts: [{name: v, domains: [a], routes: [{" +
         fields + "}]}]";
}

std::string Routed(const std::string& fields) {
  return WithRoute("name: r, match: {prefix: /}, cluster: c, " + fields);
}

std::string Redirected(const std::string& fields) {
  return WithRoute("name: r, match: {prefix: /}, redirect: {" + fields + "}");
}

// Violations are given without the path of the route and the line.
using Cases = std::vector<std::pair<std::string, std::string>>;

void Expect(const Cases& cases) {
  for (const auto& [yaml, violation] : cases) {
    EXPECT_THAT(ViolationsOf(yaml), ElementsAre("virtual_hosts[0].routes[0]" + violation + " (line 2)"))
        << yaml;
  }
}

TEST(ReadRoute, WantsAName) {
  Expect({
      {WithRoute("match: {prefix: /}, cluster: c"), ".name: is missing, give it a name"},
      {WithRoute("name: \"\\n\", match: {prefix: /}, cluster: c"),
       ".name: \"\\x0a\" is no name, use letters, digits, and behind the first also . _ - / :"},
  });
}

TEST(ReadRoute, WantsAMatch) {
  const std::string path =
      "percent-encode what is not visible ASCII; no fragments, dot segments, backslashes";
  const auto match = [](const std::string& fields) {
    return WithRoute("name: r, cluster: c, match: {" + fields + "}");
  };
  Expect({
      {WithRoute("name: r, cluster: c"), ".match: is missing, say what it takes; {prefix: /} takes all"},
      {match(""), ".match: says nothing about the path, give prefix, exact or regex; prefix: / takes all"},
      {match("prefx: /"), ".match.prefx: is no field here, write prefix if that is meant"},
      {match("prefix: \"\""), ".match.prefix: \"\" does not start with /, write a path such as /chat"},
      {match("prefix: ws"), ".match.prefix: \"ws\" does not start with /, write a path such as /chat"},
      {match("exact: \"*\""), ".match.exact: \"*\" does not start with /, write a path such as /chat"},
      {match("exact: \"/a?b=c\""), ".match.exact: \"/a?b=c\" has a query, leave it out; match it with query"},
      {match("exact: \"/a#b\""), ".match.exact: \"/a#b\" is no path that a request may have, " + path},
      {match("prefix: \"/a b\""), ".match.prefix: \"/a b\" is no path that a request may have, " + path},
      {match("prefix: \"/ü\""), ".match.prefix: \"/ü\" is no path that a request may have, " + path},
      {match("prefix: /a/../b"), ".match.prefix: \"/a/../b\" is no path that a request may have, " + path},
      {match("prefix: /" + std::string(4096, 'a')), ".match.prefix: is too long, 4096 bytes are the limit"},
      {match("regex: \"\""), ".match.regex: is empty, write a pattern such as /rooms/[0-9]+"},
      {match("regex: \"/(\""),
       ".match.regex: \"/(\" is no regular expression: missing ): /(, write it as RE2 has it"},
      {match("regex: \"(?=a)\""),
       ".match.regex: \"(?=a)\" is no regular expression: invalid perl operator: (?=, write it as RE2 has "
       "it"},
      {match("regex: " + std::string(4097, 'a')), ".match.regex: is too long, 4096 bytes are the limit"},
  });
}

TEST(ReadRoute, WantsMethodsHeadersAndQueriesThatCanBe) {
  const auto match = [](const std::string& fields) {
    return WithRoute("name: r, cluster: c, match: {prefix: /, " + fields + "}");
  };
  const std::string header = " is no name of a header, use letters, digits and - as in x-request-id";
  Expect({
      {match("method: get"),
       ".match.method: \"get\" is not in capitals, and methods are compared as they stand, write GET"},
      {match("method: \"GET POST\""), ".match.method: \"GET POST\" is no method, write one such as GET"},
      {match("method: CONNECT"), ".match.method: CONNECT is never routed, match another method"},
      {match("headers: [{exact: a}]"), ".match.headers[0].name: \"\"" + header},
      {match("headers: [{name: \"a:\"}]"), ".match.headers[0].name: \"a:\"" + header},
      {match("headers: [{name: x-a}, {name: X-A}]"),
       ".match.headers[1].name: is there already, ask for each header once"},
      {match("headers: [{name: x-a, exact: \"a\\r\\nb\"}]"),
       ".match.headers[0].exact: \"a\\x0d\\x0ab\" has a control character, leave out line ends and the like"},
      {match("query: [{exact: a}]"),
       ".match.query[0].name: is missing, name a query parameter, in 256 bytes"},
      {match("query: [{name: a}, {name: a}]"),
       ".match.query[1].name: is there already, ask for each parameter once"},
      {match("query: [{name: a, exact: " + std::string(4097, 'a') + "}]"),
       ".match.query[0].exact: is too long, 4096 bytes are the limit"},
  });
}

TEST(ReadRoute, GoesToOnePlace) {
  const std::string both = ": goes to more than one of cluster, clusters and redirect, leave one of them";
  const auto route = [](const std::string& fields) {
    return WithRoute("name: r, match: {prefix: /}" + fields);
  };
  Expect({
      {route(""), ".cluster: is missing, name a cluster, or give clusters or redirect"},
      {route(", clutser: c"), ".clutser: is no field here, write cluster if that is meant"},
      {route(", cluster: \"\""), ".cluster: is missing, name a cluster"},
      {route(", cluster: e"), ".cluster: there is no cluster \"e\", name one that is listed under clusters"},
      {route(", cluster: c, clusters: [{name: d}]"), both},
      {route(", cluster: c, redirect: {scheme: https}"), both},
      {route(", clusters: [{name: c}], redirect: {scheme: https}"), both},
      {route(", clusters: []"), ".clusters: is empty, list clusters"},
      {route(", clusters: [{name: c, weight: 0}, {name: d, weight: 0}]"),
       ".clusters: has no weight above 0, give one of the clusters a weight"},
      {route(", clusters: [{name: c, weight: 65536}]"),
       ".clusters[0].weight: 65536 is out of range, give a number from 0 to 65535"},
      {route(", clusters: [{weight: 1}]"), ".clusters[0].name: is missing, name a cluster"},
      {route(", clusters: [{name: e}]"),
       ".clusters[0].name: there is no cluster \"e\", name one that is listed under clusters"},
      {route(", clusters: [{name: c}, {name: c}]"),
       ".clusters[1].name: the cluster \"c\" is taken by virtual_hosts[0].routes[0].clusters[0].name, give "
       "each its "
       "own cluster"},
  });
}

TEST(ReadRoute, RedirectsSomewhere) {
  const auto beside = [](const std::string& field) {
    return WithRoute("name: r, match: {prefix: /}, redirect: {scheme: https}, " + field);
  };
  const std::string no_use = " is of no use beside redirect, leave it out";
  const std::string host = "is no host, write name, name:port, IP:port or [IPv6]:port";
  Expect({
      {Redirected(""), ".redirect: leads back to where it came from, give scheme, host or path"},
      {Redirected("status: 308"), ".redirect: leads back to where it came from, give scheme, host or path"},
      {Redirected("scheme: wss"), ".redirect.scheme: \"wss\" is no scheme, write http or https"},
      {Redirected("host: \"a b\""), ".redirect.host: \"a b\" " + host},
      {Redirected("host: \"a:99999\""), ".redirect.host: \"a:99999\" " + host},
      {Redirected("host: \"a:\""), ".redirect.host: \"a:\" " + host},
      {Redirected("path: a"), ".redirect.path: \"a\" does not start with /, write a path such as /chat"},
      {Redirected("scheme: https, status: 304"),
       ".redirect.status: 304 is no redirect, give 301, 302, 303, 307 or 308"},
      {Redirected("scheme: https, status: 4294967295"),
       ".redirect.status: 4294967295 is no redirect, give 301, 302, 303, 307 or 308"},
      {beside("upgrades: []"), ".upgrades:" + no_use},
      {beside("rewrite: {prefix: /}"), ".rewrite:" + no_use},
      {beside("request_headers: {remove: [x-a]}"), ".request_headers:" + no_use},
      {beside("response_headers: {set: {x-a: b}}"), ".response_headers:" + no_use},
      {beside("forwarded_header: true"), ".forwarded_header:" + no_use},
      {beside("via_header: true"), ".via_header:" + no_use},
  });
  EXPECT_THAT(ViolationsOf(beside("timeouts: {keep_alive: 1s}")), IsEmpty());
}

TEST(ReadRoute, AllowsUpgrades) {
  EXPECT_THAT(ViolationsOf(Routed("upgrades: [websocket, custom/1.0]")), IsEmpty());
  EXPECT_THAT(ViolationsOf(Routed("upgrades: [\"*\"]")), IsEmpty());
  Expect({
      {Routed("upgrades: [\"\"]"), ".upgrades[0]: \"\" is no protocol, write one such as websocket, or *"},
      {Routed("upgrades: [\"a b\"]"),
       ".upgrades[0]: \"a b\" is no protocol, write one such as websocket, or *"},
      {Routed("upgrades: [a/]"), ".upgrades[0]: \"a/\" is no protocol, write one such as websocket, or *"},
      {Routed("upgrades: [H2C]"), ".upgrades[0]: h2c would be a way around the routes, leave it out"},
      {Routed("upgrades: [h2c/1]"), ".upgrades[0]: h2c would be a way around the routes, leave it out"},
      {Routed("upgrades: [websocket, \"*\"]"),
       ".upgrades[1]: stands beside others, which it includes, leave it alone in the list"},
      {Routed("upgrades: [websocket, WebSocket]"), ".upgrades[1]: is there already, leave it out"},
  });
}

TEST(ReadRoute, Rewrites) {
  Expect({
      {Routed("rewrite: {prefix: \"\"}"),
       ".rewrite.prefix: \"\" does not start with /, write a path such as /chat"},
      {Routed("rewrite: {host: \"\"}"),
       ".rewrite.host: \"\" is no host, write name, name:port, IP:port or [IPv6]:port"},
      {Routed("rewrite: {host: \"*.a\"}"),
       ".rewrite.host: \"*.a\" is no host, write name, name:port, IP:port or [IPv6]:port"},
      {WithRoute("name: r, match: {exact: /}, cluster: c, rewrite: {prefix: /a}"),
       ".rewrite.prefix: has no prefix to replace, match by prefix, or leave it out"},
  });
  EXPECT_THAT(ViolationsOf(Routed("rewrite: {host: \"[::1]:80\"}")), IsEmpty());
}

TEST(ReadRoute, BoundsTimeouts) {
  const std::string year = "give a duration from 0s to 8760h";
  Cases cases = {
      {Routed("timeouts: {connect: 0s}"),
       ".timeouts.connect: 0s is out of range, give a duration from 1ms to 10m"},
      {Routed("timeouts: {connect: 601s}"),
       ".timeouts.connect: 10m1s is out of range, give a duration from 1ms to 10m"},
      {Routed("timeouts: {max_lifetime_jitter_percent: 101}"),
       ".timeouts.max_lifetime_jitter_percent: 101 is out of range, give a number from 0 to 100"},
  };
  for (const std::string name : {"response", "idle", "write", "half_closed", "keep_alive", "max_lifetime"}) {
    cases.emplace_back(Routed("timeouts: {" + name + ": 366d}"),
                       ".timeouts." + name + ": 8784h is out of range, " + year);
    EXPECT_THAT(ViolationsOf(Routed("timeouts: {" + name + ": 0s}")), IsEmpty());
  }
  Expect(cases);
}

}  // namespace
}  // namespace fairlead::config
