#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/integration/named_backends.h"

namespace fairlead::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A cluster of one backend, both of that name.
std::string Cluster(NamedBackends& backends, const std::string& name) {
  return fmt::format("- {{name: {0}, endpoints: [{1}]}}\n", name, backends.Add(name));
}

TEST(Routing, TheHostGoesBeforeThePath) {
  NamedBackends backends;
  const RunningProxy proxy(
      "listeners: [{name: web, address: 127.0.0.1:0}]\n"
      "virtual_hosts:\n"
      "- {name: exact, domains: [chat.example.com], routes: [{name: a, match: {prefix: /}, cluster: "
      "exact}]}\n"
      "- {name: near, domains: ['*.chat.example.com'], routes: [{name: near, match: {prefix: /}, cluster: "
      "near}]}\n"
      "- {name: far, domains: ['*.example.com'], routes: [{name: far, match: {exact: /}, cluster: far}]}\n"
      "- {name: rest, domains: ['*'], routes: [{name: rest, match: {prefix: /}, cluster: rest}]}\n"
      "clusters:\n" +
      Cluster(backends, "exact") + Cluster(backends, "near") + Cluster(backends, "far") +
      Cluster(backends, "rest"));
  const auto ask = [&](std::string_view host, std::string_view path = "/") {
    return backends.AnswerTo(proxy, GetRequest(path, "", host));
  };
  EXPECT_EQ(ask("chat.example.com"), "exact");
  EXPECT_EQ(ask("CHAT.Example.COM:8080"), "exact");
  EXPECT_EQ(ask("a.b.chat.example.com"), "near");
  EXPECT_EQ(ask("www.example.com"), "far");
  EXPECT_EQ(ask("www.example.com", "/x"), "404") << "a host that fits is not passed over for its routes";
  EXPECT_EQ(ask("example.com"), "rest");
  EXPECT_EQ(ask("[::1]:80"), "rest");
}

TEST(Routing, ExactThenLongestPrefixThenRegexThenConditions) {
  NamedBackends backends;
  std::string config =
      "listeners: [{name: web, address: 127.0.0.1:0}]\n"
      "virtual_hosts:\n"
      "- name: all\n"
      "  domains: ['*']\n"
      "  routes:\n"
      "  - {name: regex, match: {regex: '/r[0-9]+'}, cluster: regex}\n"
      "  - {name: short, match: {prefix: /api}, cluster: short}\n"
      "  - {name: long, match: {prefix: /api/v2}, cluster: long}\n"
      "  - {name: post, match: {prefix: /api/v2, method: POST}, cluster: post}\n"
      "  - {name: tenant, match: {prefix: /api/v2, headers: [{name: X-Tenant, exact: a}]}, cluster: tenant}\n"
      "  - {name: beta, match: {prefix: /api/v2, query: [{name: beta}]}, cluster: beta}\n"
      "  - {name: exact, match: {exact: /api/v2/x}, cluster: exact}\n"
      "clusters:\n";
  for (const char* name : {"regex", "short", "long", "post", "tenant", "beta", "exact"}) {
    config += Cluster(backends, name);
  }
  const RunningProxy proxy(config);
  const auto ask = [&](std::string_view path, std::string_view headers = "") {
    return backends.AnswerTo(proxy, GetRequest(path, headers));
  };
  EXPECT_EQ(ask("/api"), "short");
  EXPECT_EQ(ask("/apix"), "404");
  EXPECT_EQ(ask("/api/v2"), "long");
  EXPECT_EQ(ask("/api/v2/y?z=1"), "long");
  EXPECT_EQ(ask("/api/v2/x"), "exact");
  EXPECT_EQ(ask("/api/v2/x?beta=1"), "exact");
  EXPECT_EQ(ask("/api/v2/y?beta=1"), "beta");
  EXPECT_EQ(ask("/api/v2/y?beta=1", "X-Tenant: a\r\n"), "tenant");
  EXPECT_EQ(ask("/api/v2/y", "x-tenant: b\r\n"), "long");
  EXPECT_EQ(ask("/r42"), "regex");
  EXPECT_EQ(ask("/r42/x"), "404");
  EXPECT_EQ(backends.AnswerTo(proxy,
                              "POST /api/v2 HTTP/1.1\r\nHost: a\r\nX-Tenant: a\r\nContent-Length: 0\r\n\r\n"),
            "post");
}

TEST(Routing, VirtualHostsMayBelongToAListener) {
  NamedBackends backends;
  const RunningProxy proxy(
      "listeners: [{name: web, address: 127.0.0.1:0}, {name: internal, address: 127.0.0.2:0}]\n"
      "virtual_hosts:\n"
      "- {name: a, listeners: [web], domains: ['*'], routes: [{name: a, match: {prefix: /}, cluster: a}]}\n"
      "- {name: b, listeners: [internal], domains: ['*'], routes: [{name: b, match: {exact: /}, cluster: "
      "b}]}\n"
      "clusters:\n" +
      Cluster(backends, "a") + Cluster(backends, "b"));
  EXPECT_EQ(backends.AnswerTo(proxy, GetRequest("/")), "a");
  EXPECT_EQ(backends.AnswerTo(proxy, GetRequest("/"), "internal"), "b");
  EXPECT_EQ(backends.AnswerTo(proxy, GetRequest("/x"), "internal"), "404");
}

TEST(Routing, TheBackendSeesWhatTheRouteMakesOfTheRequest) {
  NamedBackends backends;
  const RunningProxy proxy(
      "listeners: [{name: web, address: 127.0.0.1:0}]\n"
      "virtual_hosts:\n"
      "- name: all\n"
      "  domains: ['*']\n"
      "  routes:\n"
      "  - name: app\n"
      "    match: {prefix: /app}\n"
      "    cluster: app\n"
      "    rewrite: {prefix: /, host: backend.internal}\n"
      "    request_headers: {set: {x-route: '%route%'}, remove: [cookie]}\n"
      "    response_headers: {set: {x-served-by: '%cluster%'}}\n"
      "clusters:\n" +
      Cluster(backends, "app"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/app/room?id=1", "Cookie: secret\r\n"));
  Socket backend = backends.Get("app").Accept();
  const Head asked = Head::Receive(backend);
  EXPECT_EQ(asked.first_line(), "GET /room?id=1 HTTP/1.1");
  EXPECT_EQ(asked.Get("host"), "backend.internal");
  EXPECT_EQ(asked.Get("x-forwarded-host"), "app.example.com");
  EXPECT_EQ(asked.Get("x-forwarded-for"), "127.0.0.1");
  EXPECT_EQ(asked.Get("x-real-ip"), "127.0.0.1");
  EXPECT_EQ(asked.Get("x-route"), "app");
  EXPECT_EQ(asked.Get("cookie"), std::nullopt);
  EXPECT_EQ(asked.Get("x-request-id")->size(), 32u);
  backend.Send(OkResponse("fine"));
  EXPECT_EQ(ReceiveResponse(client).head.Get("x-served-by"), "app");
}

TEST(Routing, ARedirectNeedsNoBackend) {
  const RunningProxy proxy(
      "listeners: [{name: web, address: 127.0.0.1:0}]\n"
      "virtual_hosts:\n"
      "- name: all\n"
      "  domains: ['*']\n"
      "  routes:\n"
      "  - {name: moved, match: {prefix: /old}, redirect: {scheme: https, path: /new, status: 301}}\n"
      "  - {name: safe, match: {prefix: /}, redirect: {scheme: https}}\n"
      "clusters: []\n");
  Socket client = proxy.Connect();
  client.Send(GetRequest("/old/x?a=b") + GetRequest("/login?c"));
  const Response first = ReceiveResponse(client);
  EXPECT_EQ(first.head.status(), 301);
  EXPECT_EQ(first.head.Get("location"), "https://app.example.com/new?a=b");
  const Response second = ReceiveResponse(client);
  EXPECT_EQ(second.head.status(), 308);
  EXPECT_EQ(second.head.Get("location"), "https://app.example.com/login?c");
  proxy.AwaitMetric(R"(fairlead_requests_total{route="moved",cluster="",code="301"})", 1);
}

TEST(Routing, WeightsShareRequestsOut) {
  NamedBackends backends;
  const RunningProxy proxy(
      "listeners: [{name: web, address: 127.0.0.1:0}]\n"
      "virtual_hosts:\n"
      "- name: all\n"
      "  domains: ['*']\n"
      "  routes:\n"
      "  - name: split\n"
      "    match: {prefix: /}\n"
      "    clusters: [{name: old, weight: 9}, {name: new, weight: 1}, {name: none, weight: 0}]\n"
      "clusters:\n" +
      Cluster(backends, "old") + Cluster(backends, "new") + Cluster(backends, "none"));
  std::map<std::string, int> counts;
  Socket client = proxy.Connect();
  for (int i = 0; i < 300; ++i) ++counts[backends.AnswerTo(client, GetRequest("/"))];
  EXPECT_EQ(counts["old"] + counts["new"], 300);
  EXPECT_GT(counts["new"], 10);
  EXPECT_LT(counts["new"], 60);
}

TEST(Routing, AbsoluteFormIsRoutedByItsOwnHost) {
  NamedBackends backends;
  const RunningProxy proxy(
      "listeners: [{name: web, address: 127.0.0.1:0}]\n"
      "virtual_hosts:\n"
      "- {name: b, domains: [b.example.com], routes: [{name: a, match: {prefix: /}, cluster: b}]}\n"
      "clusters:\n" +
      Cluster(backends, "b"));
  EXPECT_EQ(backends.AnswerTo(proxy, "GET http://b.example.com/x HTTP/1.1\r\nHost: b.example.com\r\n\r\n"),
            "b");
  EXPECT_EQ(backends.AnswerTo(proxy, "OPTIONS * HTTP/1.1\r\nHost: b.example.com\r\n\r\n"), "b");
}

}  // namespace
}  // namespace fairlead::testing
