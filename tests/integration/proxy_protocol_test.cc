#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/proxy_protocol/header_reader.h"
#include "pkg/proxy_protocol/header_writer.h"
#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using ::testing::StartsWith;

constexpr std::string_view kBalancer = "127.0.0.0/8";
constexpr std::string_view kText = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";

std::string Configured(std::string_view listener, const Backend& backend, std::string_view cluster = "") {
  return fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0, {}}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
      "clusters: [{{name: app, endpoints: [{{address: '{}'}}] {}}}]\n",
      listener, backend.address().ToString(), cluster);
}

std::string From(std::string_view trusted, std::string_view mode) {
  return fmt::format("trusted_proxies: ['{}'], proxy_protocol: {}", trusted, mode);
}

double Rejected(const RunningProxy& proxy, std::string_view reason) {
  return proxy.Metric(
      fmt::format(R"(fairlead_connections_rejected_total{{listener="web",reason="{}"}})", reason));
}

TEST(ProxyProtocol, TheHeaderSaysWhoTheClientIs) {
  Backend backend;
  const RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend));
  for (const std::string& header :
       {std::string(kText), proxy_protocol::WriteV2({.source = base::SocketAddress::Parse("192.0.2.1:56324"),
                            .destination = base::SocketAddress::Parse("198.51.100.2:443")})}) {
    Socket client = proxy.Connect();
    client.Send(header + GetRequest("/"));
    Socket at_backend = backend.Accept();
    const Head head = Head::Receive(at_backend);
    EXPECT_EQ(head.Get("x-forwarded-for"), "192.0.2.1");
    EXPECT_EQ(head.Get("x-real-ip"), "192.0.2.1");
    EXPECT_EQ(head.Get("x-forwarded-port"), "443");
    EXPECT_EQ(head.Get("x-forwarded-proto"), "http");
    at_backend.Send(OkResponse("hello"));
    EXPECT_EQ(ReceiveResponse(client).body, "hello");
  }
}

TEST(ProxyProtocol, TlsAtTheBalancerIsHttps) {
  Backend backend;
  const RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend));
  Socket client = proxy.Connect();
  client.Send(proxy_protocol::WriteV2({.source = base::SocketAddress::Parse("192.0.2.1:1"),
                                       .destination = base::SocketAddress::Parse("192.0.2.2:2"),
                                       .tls = proxy_protocol::TlsInfo()}) +
              GetRequest("/"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("x-forwarded-proto"), "https");
}

TEST(ProxyProtocol, AHeaderMayComeByteByByte) {
  Backend backend;
  RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend));
  Socket client = proxy.Connect();
  for (const char c : std::string(kText) + GetRequest("/")) client.Send({&c, 1});
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("x-forwarded-for"), "192.0.2.1");
}

TEST(ProxyProtocol, AConnectionOfTheBalancersOwnIsItself) {
  Backend backend;
  const RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend));
  Socket client = proxy.Connect();
  client.Send(proxy_protocol::WriteV2({.local = true}) + GetRequest("/"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("x-forwarded-for"), "127.0.0.1");
}

TEST(ProxyProtocol, WhereItIsRequiredNothingElseIsServed) {
  Backend backend;
  RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend));
  for (const std::string& bytes : {GetRequest("/"), std::string("PROXY nonsense\r\n")}) {
    Socket client = proxy.Connect();
    client.Send(bytes);
    client.AwaitGone();
  }
  proxy.AwaitSum("fairlead_connections_rejected_total", 2);
  EXPECT_EQ(Rejected(proxy, "proxy_header"), 2);
  EXPECT_TRUE(backend.Idle());
}

TEST(ProxyProtocol, AStrangerIsNotBelieved) {
  Backend backend;
  RunningProxy proxy(Configured(From("192.0.2.0/24", "REQUIRED"), backend));
  Socket client = proxy.Connect();
  client.Send(std::string(kText) + GetRequest("/"));
  client.AwaitGone();
  proxy.AwaitSum("fairlead_connections_rejected_total", 1);
  EXPECT_EQ(Rejected(proxy, "proxy_untrusted"), 1);
  EXPECT_TRUE(backend.Idle());
}

TEST(ProxyProtocol, WhereItIsOptionalATrustedPeerMayLeaveItOut) {
  Backend backend;
  const RunningProxy proxy(Configured(From(kBalancer, "OPTIONAL_FROM_TRUSTED"), backend));
  for (const auto& [header, address] :
       {std::pair(std::string(), "127.0.0.1"), std::pair(std::string(kText), "192.0.2.1")}) {
    Socket client = proxy.Connect();
    client.Send(header + GetRequest("/"));
    Socket at_backend = backend.Accept();
    EXPECT_EQ(Head::Receive(at_backend).Get("x-real-ip"), address);
  }
}

TEST(ProxyProtocol, WhereItIsOptionalAStrangersHeaderIsNoRequest) {
  Backend backend;
  const RunningProxy proxy(Configured(From("192.0.2.0/24", "OPTIONAL_FROM_TRUSTED"), backend));
  Socket client = proxy.Connect();
  client.Send(std::string(kText) + GetRequest("/"));
  EXPECT_EQ(ReceiveResponse(client).head.status(), 400);
  Socket plain = proxy.Connect();
  plain.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("x-real-ip"), "127.0.0.1");
}

TEST(ProxyProtocol, TrustInForwardedHeadersIsJudgedOnTheAddressThatItSays) {
  Backend backend;
  const RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend));
  Socket client = proxy.Connect();
  client.Send(std::string(kText) + GetRequest("/", "X-Forwarded-For: 203.0.113.9\r\n"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("x-forwarded-for"), "192.0.2.1") << "192.0.2.1 is no trusted proxy";
}

TEST(ProxyProtocol, AHeaderThatNeverEndsIsGivenUp) {
  Backend backend;
  RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend));
  Socket client = proxy.Connect();
  client.Send("PROXY TCP4 ");
  proxy.AwaitMetric(R"(fairlead_open_connections{listener="web"})", 1);
  proxy.Advance(std::chrono::seconds(11));
  client.AwaitGone();
  proxy.AwaitSum("fairlead_connections_rejected_total", 1);
  EXPECT_EQ(Rejected(proxy, "proxy_timeout"), 1);
}

TEST(ProxyProtocol, ABackendIsTold) {
  Backend backend;
  const RunningProxy proxy(
      Configured(From(kBalancer, "OPTIONAL_FROM_TRUSTED"), backend, ", proxy_protocol: V1"));
  Socket client = proxy.Connect();
  client.Send(std::string(kText) + GetRequest("/"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(at_backend.ReceiveThrough("\r\n"), kText);
  EXPECT_THAT(Head::Receive(at_backend).text(), StartsWith("GET / HTTP/1.1\r\n"));

  Socket direct = proxy.Connect();
  direct.Send(GetRequest("/"));
  at_backend = backend.Accept();
  EXPECT_EQ(at_backend.ReceiveThrough("\r\n"),
            fmt::format("PROXY TCP4 127.0.0.1 127.0.0.1 {} {}\r\n", direct.address().ip_port()->port,
                        proxy.address().ip_port()->port));
}

TEST(ProxyProtocol, ABackendIsToldEverythingThatWasSaid) {
  Backend backend;
  const RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend, ", proxy_protocol: V2"));
  const proxy_protocol::Header said{.source = base::SocketAddress::Parse("[2001:db8::1]:1"),
                                    .destination = base::SocketAddress::Parse("[2001:db8::2]:2"),
                                    .authority = "chat.example.com",
                                    .unique_id = "42",
                                    .tls = proxy_protocol::TlsInfo{.version = "TLSv1.3"}};
  const std::string bytes = proxy_protocol::WriteV2(said);
  Socket client = proxy.Connect();
  client.Send(bytes + GetRequest("/"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(at_backend.Receive(bytes.size()), bytes);
  EXPECT_THAT(Head::Receive(at_backend).text(), StartsWith("GET / HTTP/1.1\r\n"));
}

TEST(ProxyProtocol, WhereNobodyIsNamedNobodyIsBelieved) {
  Backend backend;
  const RunningProxy proxy(Configured(From(kBalancer, "REQUIRED"), backend, ", proxy_protocol: V1"));
  for (const std::string& header : {std::string("PROXY UNKNOWN\r\n"), proxy_protocol::WriteV2({})}) {
    Socket client = proxy.Connect();
    client.Send(header + GetRequest("/", "X-Forwarded-For: 10.9.9.9\r\nX-Request-Id: forged\r\n"));
    Socket at_backend = backend.Accept();
    EXPECT_EQ(at_backend.ReceiveThrough("\r\n"), "PROXY UNKNOWN\r\n");
    const Head head = Head::Receive(at_backend);
    EXPECT_EQ(head.Get("x-forwarded-for"), std::nullopt);
    EXPECT_EQ(head.Get("x-real-ip"), std::nullopt);
    EXPECT_NE(head.Get("x-request-id"), "forged");
  }
}

}  // namespace
}  // namespace fairlead::testing
