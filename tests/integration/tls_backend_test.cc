#include <sys/socket.h>

#include "tests/integration/tls_test.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class TlsBackend : public TlsTest {
 protected:
  // A cluster that believes `authority_`, and expects backend.example.com.
  std::string Cluster(std::string_view more = "server_name: backend.example.com") {
    return fmt::format("tls: {{ca_file: '{}', {}}}", files_.Write("ca.pem", authority_.pem().text), more);
  }
  tls::TestPair Backend(const std::string& name = "backend.example.com") {
    return authority_.Issue(
        {.common_name = "backend", .names = {name}, .uris = {"spiffe://example.com/backend"}});
  }
  // The status of the answer to a request, while the backend shakes hands like that.
  int Ask(const RunningProxy& proxy, const TlsSocket::Options& backend) {
    Socket client = proxy.Connect();
    client.Send(GetRequest("/"));
    TlsSocket at_backend = TlsSocket::Accept(backend_.Accept(), backend);
    if (at_backend.established() && !at_backend.ReceiveThrough("\r\n\r\n").empty()) {
      at_backend.Send(OkResponse("hello"));
    }
    return Head::Receive(client).status();
  }
  static double Requests(const RunningProxy& proxy, int code) {
    return proxy.Metric(
        fmt::format(R"(fairlead_requests_total{{route="all",cluster="app",code="{}"}})", code));
  }
};

TEST_F(TlsBackend, OneThatIsRevokedIsNotBelieved) {
  const tls::TestPair good = Backend(), bad = Backend();
  const std::string crl = files_.Write("crl.pem", authority_.Revoke(true).text);
  RunningProxy proxy(
      Configured("", "", Cluster(fmt::format("server_name: backend.example.com, crl_file: '{}'", crl))));
  EXPECT_EQ(Ask(proxy, {.certificate = bad}), 502);
  EXPECT_EQ(Ask(proxy, {.certificate = good}), 200);
}

TEST_F(TlsBackend, RelaysBothWays) {
  RunningProxy proxy(Configured(Certificates({Pair("web", "a.example.com")}), "upgrades: ['*']", Cluster()));
  const std::string much(300000, 'x');
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsSocket client = Connect(proxy);
    client.Send(UpgradeRequest("/ws"));
    TlsSocket backend =
        TlsSocket::Accept(backend_.Accept(), {.certificate = Backend(), .max_version = version});
    ASSERT_TRUE(backend.established());
    EXPECT_EQ(backend.alpn(), "http/1.1");
    EXPECT_THAT(backend.ReceiveThrough("\r\n\r\n"), HasSubstr("GET /ws HTTP/1.1"));
    backend.Send(UpgradeResponse() + "early");
    EXPECT_EQ(Head(client.ReceiveThrough("\r\n\r\n")).status(), 101);
    EXPECT_EQ(client.Receive(5), "early");
    client.Send(much);
    EXPECT_EQ(backend.Receive(much.size()), much);
    backend.Send(much);
    EXPECT_EQ(client.Receive(much.size()), much);
    client.End();
    EXPECT_TRUE(backend.EndsInOrder());
    backend.Send("bye");
    backend.End();
    EXPECT_EQ(client.Receive(3), "bye");
    EXPECT_TRUE(client.EndsInOrder());
  }
  proxy.AwaitMetric(R"(fairlead_tunnels_closed_total{route="all",cluster="app",reason="client_closed"})", 2);
}

TEST_F(TlsBackend, OneThatCannotBeVerifiedIsA502OfItsOwn) {
  const std::string log = files_.Path("access.log");
  RunningProxy proxy(Configured("", "", Cluster()), {.access_log = log});
  tls::TestAuthority strangers("strangers");
  EXPECT_EQ(Ask(proxy, {.certificate = Backend()}), 200);
  EXPECT_EQ(Ask(proxy, {.certificate = Backend("other.example.com")}), 502);
  EXPECT_EQ(Ask(proxy, {.certificate = strangers.Issue({.names = {"backend.example.com"}})}), 502);
  EXPECT_EQ(Ask(proxy, {.certificate = authority_.Issue({.names = {"backend.example.com"},
                                                         .begins = std::chrono::hours(-48),
                                                         .ends = std::chrono::hours(-24)})}),
            502);
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest("/"));
  TlsSocket::Accept(backend_.Accept(), {.certificate = Backend("other.example.com")});
  EXPECT_EQ(Head::Receive(client).status(), 502);
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="backend_unverified"})", 1);
  EXPECT_EQ(Requests(proxy, 502), 3);
}

TEST_F(TlsBackend, TheLogSaysInWordsWhyItIsNotBelieved) {
  RunningProxy proxy(Configured("", "", Cluster()));
  CaptureLog();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask(proxy, {.certificate = Backend("other.example.com")}), 502);
  proxy.Advance(std::chrono::seconds(1));
  const tls::TestPair expired = authority_.Issue(
      {.names = {"backend.example.com"}, .begins = std::chrono::hours(-48), .ends = std::chrono::hours(-24)});
  EXPECT_EQ(Ask(proxy, {.certificate = expired}), 502);
  const std::string log = Logged();
  const std::string who = fmt::format("cluster app: endpoint {}: ", backend_.address().ToString());
  EXPECT_THAT(log, HasSubstr(who + "TLS handshake failed: hostname mismatch\n"));
  EXPECT_THAT(
      log,
      HasSubstr(who + "TLS handshake failed: certificate has expired (and 2 more since the last line)\n"));
  EXPECT_EQ(log.find("mismatch"), log.rfind("mismatch")) << "once a second";
}

TEST_F(TlsBackend, OneThatSpeaksNoTlsIsA502) {
  RunningProxy proxy(Configured("", "upgrades: ['*']", Cluster()));
  Socket client = proxy.Connect();
  client.Send(UpgradeRequest("/"));
  Socket at_backend = backend_.Accept();
  at_backend.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(Head::Receive(client).status(), 502);
  proxy.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="backend_tls"})", 1);
}

TEST_F(TlsBackend, OneThatDoesNotShakeHandsInTimeIsA504) {
  RunningProxy proxy(Configured("", "timeouts: {connect: 2s}", Cluster()));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend_.Accept();
  EXPECT_EQ(at_backend.Receive(1), "\x16");
  proxy.Advance(std::chrono::seconds(3));
  EXPECT_EQ(Head::Receive(client).status(), 504);
}

TEST_F(TlsBackend, IsExpectedByAlternativeNames) {
  RunningProxy proxy(Configured("", "", Cluster("subject_alt_names: ['spiffe://example.com/backend']")));
  EXPECT_EQ(Ask(proxy, {.certificate = Backend("anything.example.com")}), 200);
  EXPECT_EQ(Ask(proxy, {.certificate = authority_.Issue({.names = {"backend.example.com"}})}), 502);
}

TEST_F(TlsBackend, IsShownACertificateWhereItAsks) {
  const tls::TestPair own = authority_.Issue({.common_name = "proxy"});
  RunningProxy proxy(Configured(
      "", "",
      Cluster(fmt::format("server_name: backend.example.com, cert_file: '{}', key_file: '{}'",
                          files_.Write("own.crt", own.chain.text), files_.Write("own.key", own.key.text)))));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  TlsSocket backend =
      TlsSocket::Accept(backend_.Accept(), {.certificate = Backend(), .authorities = authority_.pem().text});
  EXPECT_TRUE(backend.established());
  EXPECT_EQ(backend.peer(), "proxy");
}

TEST_F(TlsBackend, APlainHeaderGoesAheadOfIt) {
  RunningProxy proxy(Configured("", "", "proxy_protocol: V1, " + Cluster()));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend_.Accept();
  std::string line;
  // Byte by byte from the kernel: what is behind it is for OpenSSL.
  for (char c = 0; !line.ends_with("\r\n") && ::recv(at_backend.fd(), &c, 1, 0) == 1;) line += c;
  EXPECT_THAT(line, StartsWith("PROXY TCP4 127.0.0.1 "));
  TlsSocket backend = TlsSocket::Accept(std::move(at_backend), {.certificate = Backend()});
  EXPECT_THAT(backend.ReceiveThrough("\r\n\r\n"), StartsWith("GET / HTTP/1.1"));
}

TEST_F(TlsBackend, HealthIsAskedForOverTls) {
  RunningProxy proxy(Configured("", "",
                                Cluster() +
                                    ", health_check: {http: {}, unhealthy_threshold: 1, "
                                    "healthy_threshold: 1, interval: 1s, interval_jitter_percent: 0}"));
  const auto answer = [&](const TlsSocket::Options& options) {
    // The check comes when the clock says so, not before.
    Eventually([&] {
      if (backend_.Idle()) proxy.Advance(std::chrono::seconds(1));
      return !backend_.Idle();
    });
    TlsSocket backend = TlsSocket::Accept(backend_.Accept(), options);
    if (backend.established() && !backend.ReceiveThrough("\r\n\r\n").empty()) backend.Send(OkResponse(""));
  };
  const std::string healthy = fmt::format(R"(fairlead_endpoint_healthy{{cluster="app",endpoint="{}"}})",
                                          backend_.address().ToString());
  CaptureLog();
  answer({.certificate = Backend("other.example.com")});
  proxy.AwaitMetric(healthy, 0);
  answer({.certificate = Backend()});
  proxy.AwaitMetric(healthy, 1);
  EXPECT_THAT(Logged(), HasSubstr("is unhealthy: TLS handshake failed: hostname mismatch\n"));
}

TEST_F(TlsBackend, MustHaveSomebodyToExpect) {
  RunningProxy proxy(Configured(""));
  EXPECT_THAT(proxy.Apply(Configured("", "", "tls: {}")),
              ElementsAre(StartsWith("clusters[0].tls.server_name: is missing")));
  EXPECT_THAT(proxy.Apply(Configured("", "", "tls: {server_name: a, ca_file: /nonexistent}")),
              ElementsAre(StartsWith("clusters[0].tls.ca_file: /nonexistent: ")));
  EXPECT_THAT(proxy.Apply(Configured("", "", "tls: {server_name: a, cert_file: /nonexistent}")),
              ElementsAre(StartsWith("clusters[0].tls.key_file: is missing")));
}

}  // namespace
}  // namespace fairlead::testing
