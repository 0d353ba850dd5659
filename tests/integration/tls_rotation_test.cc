#include <chrono>

#include "tests/integration/tls_test.h"

namespace fairlead::testing {
namespace {

class TlsRotation : public TlsTest {
 protected:
  tls::TestPair Issue(const std::string& common_name) {
    return authority_.Issue({.common_name = common_name, .names = {"a.example.com"}});
  }
  std::string Watching() { return Configured(Certificates({files_.current()})); }
  void AwaitShown(const RunningProxy& proxy, const std::string& common_name) {
    Eventually([&] { return Connect(proxy).peer() == common_name; });
  }
  // The list as it would be if its time were over. Its signature is good for nothing.
  static std::string Expired(const tls::Pem& list) {
    const tls::BioPtr in(BIO_new_mem_buf(list.text.data(), static_cast<int>(list.text.size())));
    const tls::X509CrlPtr crl(PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr));
    const std::unique_ptr<ASN1_TIME, tls::OpenSslFree<ASN1_TIME_free>> end(X509_gmtime_adj(nullptr, -60));
    X509_CRL_set1_nextUpdate(crl.get(), end.get());
    X509_CRL_sign(crl.get(), tls::NewTestKey(tls::TestKey::kEcdsa).get(), EVP_sha256());
    const tls::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_CRL(out.get(), crl.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return std::string(data, size);
  }
  static void AwaitReloads(const RunningProxy& proxy, std::string_view result, double value) {
    proxy.AwaitMetric(fmt::format(R"(fairlead_certificate_reloads_total{{result="{}"}})", result), value);
  }
};

TEST_F(TlsRotation, NewHandshakesSeeTheNewCertificateAndTunnelsStay) {
  files_.Swap(Issue("version 0"));
  RunningProxy proxy(Watching(), {.workers = 2});
  std::vector<SecureTunnel> tunnels;
  for (int i = 0; i < 20; ++i) {
    tunnels.push_back(Open(proxy, {.max_version = i % 4 == 0 ? TLS1_2_VERSION : 0}));
  }
  for (int version = 1; version <= 3; ++version) {
    const std::string name = fmt::format("version {}", version);
    files_.Swap(Issue(name));
    const auto began = std::chrono::steady_clock::now();
    AwaitShown(proxy, name);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5))
        << "a second, on an idle machine";
    for (SecureTunnel& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel));
  }
  AwaitReloads(proxy, "applied", 3);
  EXPECT_EQ(proxy.MetricSum("fairlead_tunnels_closed_total"), 0);
  EXPECT_EQ(proxy.Metric("fairlead_config_revision"), 1) << "it is no change of configuration";
}

TEST_F(TlsRotation, ABadPairIsRefusedAndTheOldOneStays) {
  const tls::TestPair good = Issue("good");
  const tls::TestPair other = Issue("other");
  files_.Swap(good);
  RunningProxy proxy(Watching());
  files_.Swap(other.chain, good.key);
  AwaitReloads(proxy, "refused", 1);
  EXPECT_EQ(Connect(proxy).peer(), "good");
  files_.Swap({.name = "", .text = "rubbish"}, good.key);
  AwaitReloads(proxy, "refused", 2);
  EXPECT_EQ(Connect(proxy).peer(), "good");
  files_.Swap(other);
  AwaitShown(proxy, "other");
  AwaitReloads(proxy, "applied", 1);
  EXPECT_EQ(proxy.MetricSum("fairlead_certificate_reloads_total"), 3);
}

TEST_F(TlsRotation, AnExpiredCertificateIsServedRatherThanNone) {
  using std::chrono::hours;
  const auto expired = [&](const std::string& common_name) {
    return authority_.Issue(
        {.common_name = common_name, .names = {"a.example.com"}, .begins = hours(-48), .ends = hours(-24)});
  };
  files_.Swap(expired("old"));
  RunningProxy proxy(Watching());
  EXPECT_EQ(Connect(proxy).peer(), "old") << "it is for clients to refuse";
  files_.Swap(expired("as old"));
  AwaitShown(proxy, "as old");
  files_.Swap(Issue("good"));
  AwaitShown(proxy, "good");
  files_.Swap(expired("old"));
  AwaitReloads(proxy, "refused", 1);
  EXPECT_EQ(Connect(proxy).peer(), "good") << "what is good is not given up for it";
}

TEST_F(TlsRotation, AnotherChangeBringsNothingInThatWasRefused) {
  using std::chrono::hours;
  const tls::TestPair good = Issue("good");
  files_.Swap(good);
  RunningProxy proxy(Watching());
  const auto changes = [&](std::string_view timeout) {
    return proxy.Apply(Configured(Certificates({files_.current()}), fmt::format("timeouts: {}", timeout)));
  };
  files_.Swap(authority_.Issue(
      {.common_name = "old", .names = {"a.example.com"}, .begins = hours(-48), .ends = hours(-24)}));
  AwaitReloads(proxy, "refused", 1);
  EXPECT_THAT(changes("{connect: 3s}"), ::testing::IsEmpty());
  EXPECT_EQ(Connect(proxy).peer(), "good") << "what is good is not given up for an expired one";
  files_.Swap(Issue("other").chain, good.key);
  AwaitReloads(proxy, "refused", 2);
  EXPECT_THAT(changes("{connect: 4s}"), ::testing::IsEmpty())
      << "a pair that does not fit stops no other change";
  EXPECT_EQ(Connect(proxy).peer(), "good");
  AwaitReloads(proxy, "refused", 2);
  files_.Swap(Issue("new"));
  AwaitShown(proxy, "new");
}

TEST_F(TlsRotation, ACurrentRevocationListIsNotGivenUpForAnExpiredOne) {
  const std::string web = Pair("web", "a.example.com");
  const tls::TestPair visitor = Issue("visitor");
  const tls::Pem good = authority_.Revoke(false);
  const std::string list = files_.Write("crl.pem", good.text);
  RunningProxy proxy(
      Configured(fmt::format("{}, client_ca_file: '{}', client_crl_file: '{}'", Certificates({web}),
                             files_.Write("ca.pem", authority_.pem().text), list)));
  const auto passes = [&] {
    SecureTunnel tunnel = Open(proxy, {.certificate = visitor});
    return Relays(tunnel);
  };
  EXPECT_TRUE(passes());
  files_.Write("crl.pem", Expired(good));
  AwaitReloads(proxy, "refused", 1);
  EXPECT_TRUE(passes());
  files_.Write("crl.pem", authority_.Revoke(true).text);
  AwaitReloads(proxy, "applied", 1);
}

TEST_F(TlsRotation, TheEndOfARevocationListIsToldBeforeItComes) {
  const std::string authorities = files_.Write("ca.pem", authority_.pem().text);
  const std::string list = files_.Write("crl.pem", authority_.Revoke(false).text);
  const RunningProxy proxy(Configured(
      fmt::format("{}, client_ca_file: '{}', client_crl_file: '{}'",
                  Certificates({Pair("web", "a.example.com")}), authorities, list),
      "", fmt::format("tls: {{server_name: b, ca_file: '{}', crl_file: '{}'}}", authorities, list)));
  const auto tomorrow = std::chrono::system_clock::now() + std::chrono::hours(24);
  const double then = std::chrono::duration<double>(tomorrow.time_since_epoch()).count();
  for (const std::string_view who : {R"(listener="web")", R"(cluster="app")"}) {
    EXPECT_NEAR(proxy.Metric(fmt::format("fairlead_crl_expiry_timestamp_seconds{{{}}}", who)), then, 60)
        << who;
  }
}

TEST_F(TlsRotation, FilesThatAreWrittenInPlaceAreSeenToo) {
  const tls::TestPair first = Issue("first"), second = Issue("second");
  RunningProxy proxy(Configured(Certificates({files_.Pair("web", first)})));
  files_.Pair("web", second);
  AwaitShown(proxy, "second");
}

TEST_F(TlsRotation, SessionsOutliveTheirCertificate) {
  files_.Swap(Issue("first"));
  RunningProxy proxy(Watching());
  SSL_SESSION* session = nullptr;
  {
    SecureTunnel tunnel = Open(proxy);
    EXPECT_TRUE(Relays(tunnel));
    session = tunnel.client.TakeSession();
  }
  files_.Swap(Issue("second"));
  AwaitShown(proxy, "second");
  EXPECT_TRUE(Connect(proxy, {.session = session}).resumed());
  SSL_SESSION_free(session);
}

TEST_F(TlsRotation, SaysWhenCertificatesEnd) {
  files_.Swap(authority_.Issue({.names = {"a.example.com"}, .ends = std::chrono::hours(48)}));
  RunningProxy proxy(Watching());
  const std::string series =
      fmt::format(R"(fairlead_certificate_expiry_timestamp_seconds{{listener="web",certificate="{}"}})",
                  files_.Path("current/tls.crt"));
  const auto in = [&] {
    const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
    return proxy.Metric(series) - now.count();
  };
  EXPECT_NEAR(in(), 48 * 3600, 120);
  files_.Swap(authority_.Issue({.names = {"a.example.com"}, .ends = std::chrono::hours(96)}));
  AwaitReloads(proxy, "applied", 1);
  EXPECT_TRUE(Eventually([&] { return in() > 95 * 3600; }));
  EXPECT_NEAR(in(), 96 * 3600, 120);
}

TEST_F(TlsRotation, AuthoritiesOfBackendsAreExchangedToo) {
  tls::TestAuthority next("next");
  const std::string ca = files_.Write("ca.pem", authority_.pem().text);
  RunningProxy proxy(
      Configured("", "", fmt::format("tls: {{ca_file: '{}', server_name: a.example.com}}", ca)));
  const auto ask = [&](const tls::TestPair& pair) {
    Socket client = proxy.Connect();
    client.Send(GetRequest("/"));
    TlsSocket backend = TlsSocket::Accept(backend_.Accept(), {.certificate = pair});
    if (backend.established() && !backend.ReceiveThrough("\r\n\r\n").empty()) backend.Send(OkResponse(""));
    return Head::Receive(client).status();
  };
  const tls::TestPair old_pair = Issue("old"), new_pair = next.Issue({.names = {"a.example.com"}});
  EXPECT_EQ(ask(old_pair), 200);
  EXPECT_EQ(ask(new_pair), 502);
  files_.Write("ca.pem", next.pem().text);
  AwaitReloads(proxy, "applied", 1);
  Eventually([&] { return ask(new_pair) == 200; });
  EXPECT_EQ(ask(old_pair), 502);
}

}  // namespace
}  // namespace fairlead::testing
