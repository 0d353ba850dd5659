#include <sys/socket.h>

#include <array>
#include <fstream>
#include <iterator>

#include "tests/integration/tls_test.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

using TlsListener = TlsTest;

constexpr char kClosed[] = R"(fairlead_tunnels_closed_total{{route="all",cluster="app",reason="{}"}})";

constexpr size_t kMessageBytes = 50000;

// As a client sends it (RFC 6455 §5.2), masked with zeros.
std::string ClientMessage() {
  const std::array<char, 8> header{'\x82', '\xfe', static_cast<char>(kMessageBytes >> 8),
                                   static_cast<char>(kMessageBytes & 0xff)};
  return std::string(header.data(), header.size()) + std::string(kMessageBytes, 'm');
}

// Its kernel takes little ahead of it: what is sent to it waits in the proxy's.
void TakeLittleAhead(const Backend& backend) {
  const int bytes = 4096;
  ::setsockopt(backend.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

TEST_F(TlsListener, RelaysBothWays) {
  RunningProxy proxy(Plain());
  const std::string much(300000, 'x');
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    SecureTunnel tunnel = Open(proxy, {.server_name = "a.example.com",
                                       .authorities = authority_.pem().text,
                                       .max_version = version,
                                       .alpn = {"http/1.1"}});
    EXPECT_EQ(tunnel.client.version(), version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2");
    EXPECT_EQ(tunnel.client.alpn(), "http/1.1");
    EXPECT_TRUE(Relays(tunnel));
    tunnel.client.Send(much);
    EXPECT_EQ(tunnel.backend.Receive(much.size()), much);
    tunnel.backend.Send(much);
    EXPECT_EQ(tunnel.client.Receive(much.size()), much);
    proxy.Advance(std::chrono::seconds(2));
    const std::string_view kind = version == TLS1_3_VERSION ? "compact" : "openssl";
    proxy.AwaitMetric(fmt::format(R"(fairlead_tls_open_connections{{records="{}"}})", kind), 1);
    // An end of one side is passed on as such.
    tunnel.backend.End();
    EXPECT_TRUE(tunnel.client.EndsInOrder());
    tunnel.client.Send("behind the end");
    EXPECT_EQ(tunnel.backend.Receive(14), "behind the end");
    tunnel.client.End();
    EXPECT_EQ(tunnel.backend.ReceiveToEnd(), "");
  }
  proxy.AwaitMetric(fmt::format(kClosed, "backend_closed"), 2);
}

TEST_F(TlsListener, ATruncatedConnectionIsNotAnOrderlyEnd) {
  RunningProxy proxy(Plain());
  SecureTunnel tunnel = Open(proxy);
  tunnel.client.Cut();
  tunnel.backend.AwaitGone();
  proxy.AwaitMetric(fmt::format(kClosed, "client_truncated"), 1);
}

TEST_F(TlsListener, WhatCameBeforeATruncationReachesTheBackend) {
  TakeLittleAhead(backend_);
  RunningProxy proxy(Plain());
  SecureTunnel tunnel = Open(proxy);
  const std::string message = ClientMessage();
  tunnel.client.Send(message);
  tunnel.client.Truncate();
  proxy.Settle();
  EXPECT_EQ(tunnel.backend.Receive(message.size()), message);
  proxy.Advance(std::chrono::seconds(1));
  tunnel.backend.AwaitReset();
  proxy.AwaitMetric(fmt::format(kClosed, "client_truncated"), 1);
}

TEST_F(TlsListener, ATruncationBehindAWebSocketCloseLosesNothingEither) {
  TakeLittleAhead(backend_);
  RunningProxy proxy(Plain());
  SecureTunnel tunnel = Open(proxy);
  // Nobody reads it: the proxy leaves the end of it to its kernel, which resets what is closed in such a
  // state.
  std::string unread("\x82\x7f\0\0\0\0\x40\0\0\0", 10);
  for (unread.append(1 << 20, 'x'); tunnel.backend.SendSome(unread) > 0; proxy.Settle()) {
    unread.assign(1 << 20, 'x');
  }
  const std::string message = ClientMessage() + std::string("\x88\x82\0\0\0\0\x03\xe8", 8);
  tunnel.client.Send(message);
  tunnel.client.Truncate();
  proxy.Settle();
  EXPECT_EQ(tunnel.backend.Receive(message.size()), message);
  proxy.Advance(std::chrono::seconds(1));
  tunnel.backend.AwaitGone();
  proxy.AwaitMetric(fmt::format(kClosed, "client_closed"), 1);
}

TEST_F(TlsListener, ABackendThatTakesNothingBehindATruncationIsNotWaitedForForEver) {
  TakeLittleAhead(backend_);
  RunningProxy proxy(Configured(Certificates({Pair("web", "a.example.com")}), "timeouts: {half_closed: 5s}"));
  SecureTunnel tunnel = Open(proxy);
  tunnel.client.Send(ClientMessage());
  tunnel.client.Truncate();
  proxy.Settle();
  proxy.Advance(std::chrono::seconds(4));
  EXPECT_EQ(proxy.MetricSum("fairlead_tunnels_closed_total"), 0);
  proxy.Advance(std::chrono::seconds(2));
  proxy.AwaitMetric(fmt::format(kClosed, "client_truncated"), 1);
}

TEST_F(TlsListener, BackendsLearnThatItWasHttps) {
  const RunningProxy proxy(Plain());
  TlsSocket client = Connect(proxy);
  client.Send(GetRequest("/", "X-Forwarded-Proto: http\r\n"));
  Socket at_backend = backend_.Accept();
  const Head head = Head::Receive(at_backend);
  EXPECT_EQ(head.Get("x-forwarded-proto"), "https");
  EXPECT_EQ(head.Get("x-forwarded-client-cert"), std::nullopt);
  at_backend.Send(OkResponse("hello"));
  EXPECT_THAT(client.ReceiveThrough("hello"), StartsWith("HTTP/1.1 200"));
  // The connection goes on.
  client.Send(GetRequest("/again"));
  Socket next = backend_.Accept();
  EXPECT_EQ(Head::Receive(next).first_line(), "GET /again HTTP/1.1");
}

TEST_F(TlsListener, ARequestMayComeWithTheLastOfTheHandshake) {
  const RunningProxy proxy(Plain());
  TlsSocket client = Connect(proxy);
  client.Send(GetRequest("/one") + GetRequest("/two"));
  for (const char* path : {"/one", "/two"}) {
    Socket at_backend = backend_.Accept();
    EXPECT_THAT(Head::Receive(at_backend).first_line(), HasSubstr(path));
    at_backend.Send(OkResponse(path));
    EXPECT_THAT(client.ReceiveThrough(std::string("\r\n\r\n") + path), StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(TlsListener, ShowsTheCertificateOfTheNameThatIsAskedFor) {
  const RunningProxy proxy(Configured(Certificates(
      {Pair("first", "first.example.com"), Pair("exact", "a.example.com"), Pair("wild", "*.example.com")})));
  EXPECT_EQ(Connect(proxy, {.server_name = "a.example.com"}).peer(), "exact");
  EXPECT_EQ(Connect(proxy, {.server_name = "b.example.com"}).peer(), "wild");
  EXPECT_EQ(Connect(proxy, {.server_name = "other.example.org"}).peer(), "first");
  EXPECT_EQ(Connect(proxy).peer(), "first");
}

TEST_F(TlsListener, RefusesWhatItCannotAgreeOn) {
  const RunningProxy proxy(
      Configured(Certificates({Pair("web", "a.example.com")}) + ", min_version: TLS_1_3"));
  TlsSocket old = Connect(proxy, {.max_version = TLS1_2_VERSION});
  EXPECT_FALSE(old.established());
  EXPECT_EQ(old.alert(), "protocol version");
  TlsSocket other = Connect(proxy, {.alpn = {"h2"}});
  EXPECT_FALSE(other.established());
  EXPECT_EQ(other.alert(), "no application protocol");
  Socket plain = proxy.Connect();
  plain.Send(GetRequest("/"));
  plain.AwaitGone();
  AwaitRejected(proxy, "tls_handshake", 3);
  EXPECT_TRUE(Connect(proxy).established());
}

TEST_F(TlsListener, AClientThatOnlyLooksIsNotCounted) {
  const RunningProxy proxy(Plain());
  proxy.Connect().Close();
  Socket half = proxy.Connect();
  half.Send("\x16\x03\x01");
  half.Close();
  proxy.AwaitMetric(R"(fairlead_connections_accepted_total{listener="web"})", 2);
  proxy.AwaitMetric(R"(fairlead_open_connections{listener="web"})", 0);
  EXPECT_EQ(proxy.MetricSum("fairlead_connections_rejected_total"), 0);
}

TEST_F(TlsListener, AHandshakeHasADeadline) {
  RunningProxy proxy(Plain());
  Socket slow = proxy.Connect();
  slow.Send("\x16\x03\x01\x02");
  proxy.AwaitMetric(R"(fairlead_open_connections{listener="web"})", 1);
  proxy.Advance(std::chrono::seconds(6));
  slow.Send(std::string("\x00\x01\x00", 3));  // what dribbles in buys no time
  proxy.Advance(std::chrono::seconds(5));
  slow.AwaitGone();
  AwaitRejected(proxy, "tls_timeout", 1);
}

TEST_F(TlsListener, ComesBehindAProxyHeader) {
  const std::string tls = Certificates({Pair("web", "a.example.com")});
  const std::string config = Configured(tls);
  const size_t at = config.find(", tls:");
  RunningProxy proxy(config.substr(0, at) +
                     ", trusted_proxies: ['127.0.0.0/8'], proxy_protocol: OPTIONAL_FROM_TRUSTED" +
                     config.substr(at));
  for (const std::string header : {"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", ""}) {
    Socket socket = proxy.Connect();
    socket.Send(header);
    TlsSocket client = TlsSocket::Connect(std::move(socket), {});
    client.Send(GetRequest("/"));
    Socket at_backend = backend_.Accept();
    const Head head = Head::Receive(at_backend);
    EXPECT_EQ(head.Get("x-real-ip"), header.empty() ? "127.0.0.1" : "192.0.2.1");
    EXPECT_EQ(head.Get("x-forwarded-proto"), "https");
  }
}

TEST_F(TlsListener, SessionsAreResumedByWhicheverWorker) {
  RunningProxy proxy(Plain(), {.workers = 2});
  SSL_SESSION* session = nullptr;
  {
    SecureTunnel first = Open(proxy);
    EXPECT_TRUE(Relays(first));
    session = first.client.TakeSession();
  }
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(Connect(proxy, {.session = session}).resumed()) << i;
  SSL_SESSION_free(session);
}

TEST_F(TlsListener, ABadCertificateRefusesTheWholeChange) {
  RunningProxy proxy(Plain());
  const tls::TestPair one = authority_.Issue({.names = {"one.example.com"}});
  const tls::TestPair other = authority_.Issue({.names = {"two.example.com"}});
  const std::string mixed = files_.Pair("mixed", {.chain = one.chain, .key = other.key});
  EXPECT_THAT(proxy.Apply(Configured(Certificates({Pair("good", "good.example.com"), mixed}))),
              ElementsAre(StartsWith("listeners[0].tls.certificates[1].key_file: ")));
  const std::string missing = "{cert_file: /nonexistent/tls.crt, key_file: /nonexistent/tls.key}";
  EXPECT_THAT(proxy.Apply(Configured(Certificates({missing}))),
              ElementsAre(HasSubstr("certificates[0].cert_file: /nonexistent/tls.crt: No such file")));
  EXPECT_THAT(proxy.Apply(Configured(Certificates({Pair("good", "good.example.com")}) +
                                     ", client_ca_file: /etc/hostname")),
              ElementsAre(StartsWith("listeners[0].tls.client_ca_file: ")));
  EXPECT_EQ(Connect(proxy).peer(), "web");
  EXPECT_THAT(proxy.Apply(Configured("")), SizeIs(0));
}

class TlsClients : public TlsTest {
 protected:
  std::string Asking(std::string_view mode, std::string_view more = "", std::string_view route = "") {
    return Configured(fmt::format("{}, client_ca_file: '{}', client_certificates: {}{}",
                                  Certificates({Pair("web", "a.example.com")}),
                                  files_.Write("ca.pem", authority_.pem().text), mode, more),
                      route);
  }
  tls::TestPair Issue() {
    return authority_.Issue({.common_name = "client",
                             .names = {"client.example.com"},
                             .uris = {"spiffe://example.com/ns/a/sa/client"}});
  }
};

TEST_F(TlsClients, WithoutACertificateNobodyComesInWhereItIsRequired) {
  const RunningProxy proxy(Asking("REQUIRED"));
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsSocket none = Connect(proxy, {.max_version = version});
    none.Send(GetRequest("/"));
    EXPECT_EQ(none.Receive(1), "");
    EXPECT_THAT(none.alert(),
                HasSubstr(version == TLS1_3_VERSION ? "certificate required" : "handshake failure"));
  }
  AwaitRejected(proxy, "tls_unverified", 2);
  tls::TestAuthority strangers("strangers");
  TlsSocket stranger = Connect(proxy, {.certificate = strangers.Issue({.common_name = "client"})});
  stranger.Send(GetRequest("/"));
  EXPECT_EQ(stranger.Receive(1), "");
  EXPECT_EQ(stranger.alert(), "unknown CA");
  AwaitRejected(proxy, "tls_unverified", 3);
  EXPECT_TRUE(backend_.Idle());
}

TEST_F(TlsClients, WithoutACertificateTheyMayComeWhereItIsOptional) {
  const RunningProxy proxy(Asking("OPTIONAL"));
  TlsSocket client = Connect(proxy);
  client.Send(GetRequest("/", "X-Forwarded-Client-Cert: Hash=forged\r\n"));
  Socket at_backend = backend_.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("x-forwarded-client-cert"), std::nullopt);
  tls::TestAuthority strangers("strangers");
  TlsSocket stranger = Connect(proxy, {.certificate = strangers.Issue({.common_name = "client"})});
  stranger.Send(GetRequest("/"));
  EXPECT_EQ(stranger.Receive(1), "") << "what is shown must be good";
}

TEST_F(TlsClients, BackendsLearnWhoTheyAre) {
  const std::string log = files_.Path("access.log");
  const std::string headers =
      "request_headers: {set: {x-who: '%client_spiffe_id%', x-subject: '%client_subject%', x-tls: "
      "'%tls_version% %client_dns_name%'}}, upgrades: ['*']";
  RunningProxy proxy(Asking("REQUIRED", "", headers), {.access_log = log});
  TlsSocket client = Connect(proxy, {.certificate = Issue()});
  client.Send(UpgradeRequest("/ws", "X-Forwarded-Client-Cert: Hash=forged\r\nx-who: me\r\n"));
  Socket at_backend = backend_.Accept();
  const Head head = Head::Receive(at_backend);
  EXPECT_EQ(head.Get("x-who"), "spiffe://example.com/ns/a/sa/client");
  EXPECT_EQ(head.Get("x-subject"), "CN=client");
  EXPECT_EQ(head.Get("x-tls"), "TLSv1.3 client.example.com");
  const std::string shown = head.Get("x-forwarded-client-cert").value_or("");
  EXPECT_THAT(shown, StartsWith("Hash="));
  EXPECT_THAT(
      shown,
      HasSubstr(";Subject=\"CN=client\";URI=spiffe://example.com/ns/a/sa/client;DNS=client.example.com"));
  EXPECT_THAT(shown, Not(HasSubstr("forged")));
  at_backend.Send(UpgradeResponse());
  EXPECT_EQ(Head(client.ReceiveThrough("\r\n\r\n")).status(), 101);
  client.End();
  EXPECT_EQ(at_backend.ReceiveToEnd(), "");
  at_backend.Close();
  std::string lines;
  Eventually([&] {
    std::ifstream file(log);
    lines.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    return lines.find("\"event\":\"end\"") != std::string::npos;
  });
  const std::string end = lines.substr(lines.find("\"event\":\"end\""));
  EXPECT_THAT(end, HasSubstr(R"("tls_version":"TLSv1.3","tls_cipher":"TLS_A)"));
  EXPECT_THAT(end, HasSubstr(R"("tls_peer":"spiffe://example.com/ns/a/sa/client")"));
}

TEST_F(TlsClients, WhoIsRevokedStaysOut) {
  const tls::TestPair good = Issue();
  const tls::TestPair bad = Issue();
  const std::string crl = files_.Write("crl.pem", authority_.Revoke(true).text);
  const RunningProxy proxy(Asking("REQUIRED", fmt::format(", client_crl_file: '{}'", crl)));
  TlsSocket revoked = Connect(proxy, {.certificate = bad});
  revoked.Send(GetRequest("/"));
  EXPECT_EQ(revoked.Receive(1), "");
  EXPECT_EQ(revoked.alert(), "certificate revoked");
  TlsSocket client = Connect(proxy, {.certificate = good});
  client.Send(GetRequest("/"));
  Socket at_backend = backend_.Accept();
  EXPECT_EQ(Head::Receive(at_backend).first_line(), "GET / HTTP/1.1");
}

TEST_F(TlsClients, TheLogSaysInWordsWhyOneIsRefused) {
  RunningProxy proxy(Asking("REQUIRED"));
  CaptureLog();
  for (int i = 0; i < 3; ++i) Connect(proxy).Receive(1);
  AwaitRejected(proxy, "tls_unverified", 3);
  proxy.Advance(std::chrono::seconds(1));
  Socket plain = proxy.Connect();
  plain.Send("GET /\x1b[31m HTTP/1.1\r\n\r\n");
  AwaitRejected(proxy, "tls_handshake", 1);
  proxy.Settle();
  const std::string log = Logged();
  EXPECT_THAT(log, HasSubstr("listener web: client 127.0.0.1:"));
  EXPECT_THAT(log, HasSubstr(": TLS handshake failed: peer did not return a certificate\n"));
  EXPECT_THAT(log, HasSubstr(": TLS handshake failed: http request (and 2 more since the last line)\n"));
  EXPECT_THAT(log, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace fairlead::testing
