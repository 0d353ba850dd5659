#include "pkg/config/read_header_rules.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A configuration with these rules for requests on its last line.
std::string WithRules(const std::string& rules) {
  return "clusters: [{name: c, endpoints: []}]\n"
         "virtual_hosts: [{name: v, domains: [a], routes: [{name: r, match: {prefix: /}, cluster: c,\n"
         "request_headers: {" +
         rules + "}}]}]";
}

void Expect(const std::string& rules, const std::string& violation) {
  EXPECT_THAT(ViolationsOf(WithRules(rules)),
              ElementsAre("virtual_hosts[0].routes[0].request_headers." + violation + " (line 3)"))
      << rules;
}

TEST(ReadHeaderRules, LeavesTheProxyItsOwnHeaders) {
  for (const std::string name : {"Connection", "upgrade", "Transfer-Encoding", "content-length", "keep-alive",
                                 "TE", "trailer", "proxy-connection", "Proxy-Authorization", "expect",
                                 "http2-settings", "Sec-WebSocket-Key", "sec-websocket-extensions"}) {
    const std::string text = "\"" + name + "\" is the proxy's own, leave it out";
    Expect("set: {" + name + ": a}", "set." + name + ": " + text);
    Expect("add: {" + name + ": a}", "add." + name + ": " + text);
    Expect("remove: [" + name + "]", "remove[0]: " + text);
  }
  Expect("set: {Host: a}", "set.Host: Host is not to be touched here, use rewrite.host");
}

TEST(ReadHeaderRules, WantsNames) {
  for (const std::string name : {"", "a b", "a:", "ü", "a\\nb"}) {
    const std::vector<std::string> violations = ViolationsOf(WithRules("set: {\"" + name + "\": a}"));
    EXPECT_THAT(violations, ElementsAre(testing::HasSubstr("is no name of a header"))) << name;
  }
  Expect("remove: [\"a b\"]",
         "remove[0]: \"a b\" is no name of a header, use letters, digits and - as in x-request-id");
}

TEST(ReadHeaderRules, TakesEachNameOnce) {
  Expect("set: {x-a: 1, X-A: 2}", "set.x-a: is given twice: names are the same in any case, leave one");
  Expect("remove: [x-a, X-A]", "remove[1]: is there already, leave it out");
  EXPECT_THAT(ViolationsOf(WithRules("set: {x-a: 1}, add: {x-a: 2}, remove: [x-a]")), IsEmpty());
}

TEST(ReadHeaderRules, WantsValuesOfOneLine) {
  const std::string remedy = " has a control character, leave out line ends and the like";
  Expect("set: {x-a: \"a\\r\\nb: c\"}", "set.x-a: \"a\\x0d\\x0ab: c\"" + remedy);
  Expect("add: {x-a: \"a\\0\"}", "add.x-a: \"a\\x00\"" + remedy);
  Expect("set: {x-a: " + std::string(4097, 'a') + "}", "set.x-a: is too long, 4096 bytes are the limit");
  EXPECT_THAT(ViolationsOf(WithRules("set: {x-a: \"tab\\tand ü\", x-b: \"\"}")), IsEmpty());
}

TEST(ReadHeaderRules, KnowsTheVariables) {
  const std::string remedy =
      "%, use one that docs/configuration.md lists, such as client_ip, and %% for a percent sign";
  for (const std::string value :
       {"%client_ip%%host%", "%tls_version% %client_spiffe_id%", "%request_id%-%listener%",
        "%route%/%cluster%", "100%", "50% of %", "%%", "%%who%%", "a%20b%20c", "%host %", "%20%host%"}) {
    EXPECT_THAT(ViolationsOf(WithRules("set: {x-a: \"" + value + "\"}")), IsEmpty()) << value;
  }
  Expect("set: {x-a: \"%who%\"}", "set.x-a: there is no variable %who" + remedy);
  Expect("set: {x-a: \"%host%%who%\"}", "set.x-a: there is no variable %who" + remedy);
  Expect("set: {x-a: \"%20%who%\"}", "set.x-a: there is no variable %who" + remedy);
  Expect("add: {x-a: \"%HOST%\"}", "add.x-a: there is no variable %HOST" + remedy);
}

TEST(ReadHeaderRules, AreNotEndless) {
  std::string many, list;
  for (int i = 0; i < 65; ++i) {
    many += "x-" + std::to_string(i) + ": a, ";
    list += "x-" + std::to_string(i) + ", ";
  }
  Expect("set: {" + many + "}", "set: is too long, 64 headers are the limit");
  Expect("add: {" + many + "}", "add: is too long, 64 headers are the limit");
  Expect("remove: [" + list + "]", "remove: is too long, 64 headers are the limit");
}

}  // namespace
}  // namespace fairlead::config
