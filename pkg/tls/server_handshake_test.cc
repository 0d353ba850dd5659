#include <gmock/gmock.h>

#include "pkg/tls/tls_stream_test.h"
#include "tests/support/fake_clock.h"

namespace fairlead::tls {
namespace {

using ClientCertificates = ServerContext::ClientCertificates;

class ServerHandshakeTest : public TlsStreamTest {
 protected:
  // The common name of the certificate that a client is shown.
  std::string ShownTo(OpenSslPeer::Options peer) {
    owner_ = TestOwner();
    Accept(peer);
    Pump();
    const X509Ptr shown(SSL_get1_peer_certificate(peer_->ssl()));
    if (!shown) return "";
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name, sizeof(name));
    return name;
  }
  std::shared_ptr<const Certificate> Named(const std::string& common_name, std::vector<std::string> names,
                                           TestKey key = TestKey::kEcdsa) {
    return authority_.Load({.common_name = common_name, .names = std::move(names), .key = key});
  }
  // Shakes hands, then again with the session of the first time. Whether that was resumed.
  bool Resumes(
      OpenSslPeer::Options peer, const std::function<void()>& between = [] {}) {
    Accept(peer);
    Pump();
    SSL_SESSION* session = SSL_get1_session(peer_->ssl());
    between();
    server_context_.reset();
    auto again = std::make_unique<OpenSslPeer>(peer);
    SSL_set_session(again->ssl(), session);
    SSL_SESSION_free(session);
    AcceptFrom(std::move(again));
    Pump();
    EXPECT_TRUE(peer_->established());
    return stream_->info() != nullptr && stream_->info()->resumed;
  }

  testing::FakeClock clock_;
};

TEST_F(ServerHandshakeTest, ShowsTheCertificateOfTheNameThatWasAskedFor) {
  server_options_.certificates = {Named("first", {"first.example.com"}), Named("exact", {"a.example.com"}),
                                  Named("wild", {"*.example.com"}), Named("second", {"a.example.com"})};
  EXPECT_EQ(ShownTo({.server_name = "a.example.com"}), "exact");
  EXPECT_EQ(stream_->info()->server_name, "a.example.com");
  EXPECT_EQ(ShownTo({.server_name = "A.Example.COM"}), "exact");
  EXPECT_EQ(ShownTo({.server_name = "b.example.com"}), "wild");
  EXPECT_EQ(ShownTo({.server_name = "b.b.example.com"}), "first");
  EXPECT_EQ(ShownTo({.server_name = "example.com"}), "first");
  EXPECT_EQ(ShownTo({}), "first");
  EXPECT_EQ(ShownTo({.version = TLS1_2_VERSION, .server_name = "b.example.com"}), "wild");
}

TEST_F(ServerHandshakeTest, HasRsaAndEcdsaSideBySide) {
  server_options_.certificates = {Named("ec", {"a.example.com"}),
                                  Named("rsa", {"a.example.com"}, TestKey::kRsa2048)};
  for (const std::string& name : {std::string("a.example.com"), std::string("unknown.example.com")}) {
    const std::string ecdsa = "ECDHE-ECDSA-AES128-GCM-SHA256";
    const std::string rsa = "ECDHE-RSA-AES128-GCM-SHA256";
    EXPECT_EQ(ShownTo({.version = TLS1_2_VERSION, .ciphers = ecdsa, .server_name = name}), "ec");
    EXPECT_EQ(ShownTo({.version = TLS1_2_VERSION, .ciphers = rsa, .server_name = name}), "rsa");
  }
}

TEST_F(ServerHandshakeTest, TakesTheOtherKeyTypeFromAWildcard) {
  server_options_.certificates = {Named("ec", {"a.example.com"}),
                                  Named("rsa", {"*.example.com"}, TestKey::kRsa2048)};
  EXPECT_EQ(ShownTo({.version = TLS1_2_VERSION,
                     .ciphers = "ECDHE-RSA-AES128-GCM-SHA256",
                     .server_name = "a.example.com"}),
            "rsa");
}

TEST_F(ServerHandshakeTest, RefusesWeakSuitesAndOldVersions) {
  server_options_.certificates = {Named("rsa", {"a.example.com"}, TestKey::kRsa2048)};
  for (const char* weak :
       {"AES128-SHA", "ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA384"}) {
    ShownTo({.version = TLS1_2_VERSION, .ciphers = weak});
    EXPECT_EQ(stream_->failure(), Failure::kHandshake) << weak;
  }
  ShownTo({.version = TLS1_1_VERSION, .ciphers = "ALL:@SECLEVEL=0"});
  EXPECT_EQ(stream_->failure(), Failure::kHandshake);
  EXPECT_EQ(peer_->alert(), SSL_AD_PROTOCOL_VERSION);
}

TEST_F(ServerHandshakeTest, AgreesOnAProtocol) {
  server_options_.alpn = {"http/1.1", "other"};
  Accept({.alpn = "\x05other\x08http/1.1"});
  Pump();
  EXPECT_EQ(stream_->info()->alpn, "http/1.1");
  Accept({});
  Pump();
  EXPECT_EQ(stream_->info()->alpn, "");
  Accept({.alpn = "\x02h2"});
  Pump();
  EXPECT_EQ(stream_->failure(), Failure::kHandshake);
  EXPECT_EQ(peer_->alert(), SSL_AD_NO_APPLICATION_PROTOCOL);
}

TEST_F(ServerHandshakeTest, ResumesWithATicket) {
  server_options_.ticket_keys = std::make_shared<TicketKeys>(clock_);
  EXPECT_TRUE(Resumes({}));
  EXPECT_TRUE(stream_->compact());
  EXPECT_TRUE(Resumes({.version = TLS1_2_VERSION}));
  EXPECT_EQ(workspace().counts().handshakes, 4u);
  EXPECT_EQ(workspace().counts().resumed, 2u);
  // The resumed connection works, and hands a ticket out for the next time.
  peer_->Write("resumed");
  Pump();
  EXPECT_EQ(owner_.data, "resumed");
}

// A client that has its handshake done and asks in the same breath.
class AskingClientTest : public ServerHandshakeTest {
 protected:
  AskingClientTest() { server_options_.ticket_keys = std::make_shared<TicketKeys>(clock_); }

  // Up to the client's Finished, which it has yet to send.
  void ShakeHands(OpenSslPeer::Options options = {}) {
    Accept(options);
    while (!peer_->established()) {
      wire_->Send(peer_->Take());
      ASSERT_TRUE(MoveToPeer()) << stream_->error();
    }
  }
  // The server has read Finished and question, and sent nothing.
  void Ask() {
    ShakeHands();
    peer_->Write("question");
    const size_t writes = wire_->writes();
    wire_->Send(peer_->Take());
    ASSERT_EQ(owner_.data, "question");
    ASSERT_EQ(wire_->writes(), writes);
  }
  bool HasTicket() { return SSL_SESSION_has_ticket(SSL_get0_session(peer_->ssl())) == 1; }
};

TEST_F(AskingClientTest, GetsItsTicketWithTheAnswer) {
  Ask();
  const size_t writes = wire_->writes();
  stream_->Write("answer");
  EXPECT_EQ(wire_->writes(), writes + 1);
  MoveToPeer();
  EXPECT_EQ(peer_->received, "answer");
  EXPECT_TRUE(HasTicket());
  stream_->Write(", and more");
  MoveToPeer();
  EXPECT_EQ(peer_->received, "answer, and more");
}

TEST_F(AskingClientTest, GetsItsTicketAheadOfAnAnswerThatTakesTime) {
  Ask();
  deadlines_.Advance(base::MonotonicTime(base::DeadlineWheel::kTick));
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
  stream_->Write("answer");
  MoveToPeer();
  EXPECT_EQ(peer_->received, "answer");
  const size_t writes = wire_->writes();
  deadlines_.Advance(base::MonotonicTime(5 * base::DeadlineWheel::kTick));
  EXPECT_EQ(wire_->writes(), writes);
}

TEST_F(AskingClientTest, GetsNothingLateThatIsGone) {
  Ask();
  stream_.reset();
  const size_t writes = wire_->writes();
  deadlines_.Advance(base::MonotonicTime(base::DeadlineWheel::kTick));
  EXPECT_EQ(wire_->writes(), writes);
}

TEST_F(AskingClientTest, GetsItsTicketWithTheClose) {
  Ask();
  stream_.reset();
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
  EXPECT_TRUE(peer_->closed);
}

TEST_F(AskingClientTest, GetsItsTicketWithTheEnd) {
  Ask();
  stream_->End();
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
  EXPECT_TRUE(peer_->closed);
}

TEST_F(AskingClientTest, GetsItsTicketWithNewKeys) {
  Ask();
  peer_->UpdateKeys(true);
  peer_->Write("?");
  Pump();
  EXPECT_TRUE(HasTicket());
  EXPECT_FALSE(peer_->failed);
  stream_->Write("answer");
  Pump();
  EXPECT_EQ(peer_->received, "answer");
}

TEST_F(AskingClientTest, GetsItsTicketAheadOfAnAlert) {
  Ask();
  peer_->Write("damaged");
  std::string record = peer_->Take();
  record.back() ^= 1;
  wire_->Send(record);
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
  EXPECT_EQ(peer_->alert(), SSL_AD_BAD_RECORD_MAC);
}

TEST_F(AskingClientTest, GetsItsTicketThoughItEndsAtOnce) {
  ShakeHands();
  peer_->Write("question");
  peer_->CloseNotify();
  wire_->Send(peer_->Take());
  EXPECT_EQ(owner_.data, "question");
  EXPECT_EQ(owner_.ends, 1);
  stream_->Write("answer");
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
  EXPECT_EQ(peer_->received, "answer");
}

TEST_F(AskingClientTest, GetsItsTicketWhereTheQuestionComesInPieces) {
  ShakeHands();
  peer_->Write("question");
  const std::string bytes = peer_->Take();
  wire_->Send(bytes.substr(0, bytes.size() - 3));
  wire_->Send(bytes.substr(bytes.size() - 3));
  EXPECT_EQ(owner_.data, "question");
  stream_->Write("answer");
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
  EXPECT_EQ(peer_->received, "answer");
}

TEST_F(AskingClientTest, GetsItsTicketThoughNobodyReadsYet) {
  ShakeHands();
  stream_->Pause(stream::PauseReason::kHeld);
  peer_->Write("question");
  wire_->Send(peer_->Take());
  stream_->Resume(stream::PauseReason::kHeld);
  Pump();
  EXPECT_EQ(owner_.data, "question");
  stream_->Write("answer");
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
  EXPECT_EQ(peer_->received, "answer");
}

TEST_F(AskingClientTest, GetsItsTicketWithWhatWasWrittenAhead) {
  ShakeHands();
  stream_->Write("welcome");
  const size_t writes = wire_->writes();
  wire_->Send(peer_->Take());
  EXPECT_EQ(wire_->writes(), writes + 1);
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
  EXPECT_EQ(peer_->received, "welcome");
}

TEST_F(AskingClientTest, GetsItsTicketAtOnceWhereItAsksNothing) {
  ShakeHands();
  const size_t writes = wire_->writes();
  wire_->Send(peer_->Take());
  EXPECT_EQ(wire_->writes(), writes + 1);
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
}

TEST_F(AskingClientTest, GetsItsTicketAtOnceWhereOpenSslKeepsTheCount) {
  server_options_.compact_records = false;
  ShakeHands();
  peer_->Write("question");
  wire_->Send(peer_->Take());
  EXPECT_EQ(owner_.data, "question");
  MoveToPeer();
  EXPECT_TRUE(HasTicket());
}

TEST_F(ServerHandshakeTest, FinishesTls12AheadOfTheAnswer) {
  server_options_.ticket_keys = std::make_shared<TicketKeys>(clock_);
  Accept({.version = TLS1_2_VERSION});
  wire_->Send(peer_->Take());
  MoveToPeer();
  const std::string finished = peer_->Take();
  wire_->Send(finished + std::string("\x17\x03\x03", 3));  // and the first bytes of what follows
  MoveToPeer();
  EXPECT_TRUE(peer_->established());
}

TEST_F(ServerHandshakeTest, ResumesAfterTheCertificateWasExchanged) {
  server_options_.ticket_keys = std::make_shared<TicketKeys>(clock_);
  EXPECT_TRUE(Resumes({}, [&] { server_options_.certificates = {Named("new", {"a.example.com"})}; }));
}

TEST_F(ServerHandshakeTest, ResumesWithTheKeyBeforeTheLatestAndNoOlder) {
  server_options_.ticket_keys = std::make_shared<TicketKeys>(clock_);
  EXPECT_TRUE(Resumes({}, [&] { clock_.Advance(TicketKeys::kInterval + base::Duration(1)); }));
  EXPECT_FALSE(Resumes({}, [&] { clock_.Advance(2 * TicketKeys::kInterval + base::Duration(1)); }));
}

TEST_F(ServerHandshakeTest, DoesNotResumeWithoutTicketKeys) {
  EXPECT_FALSE(Resumes({}));
  EXPECT_FALSE(Resumes({.version = TLS1_2_VERSION}));
}

TEST_F(ServerHandshakeTest, DoesNotResumeWhereOthersAreTrusted) {
  server_options_.ticket_keys = std::make_shared<TicketKeys>(clock_);
  server_options_.client_certificates = ClientCertificates::kOptional;
  server_options_.client_authorities = authority_.Trust();
  const auto client = Named("client", {});
  EXPECT_TRUE(Resumes({.certificate = client}));
  EXPECT_EQ(stream_->info()->peer->subject, "CN=client");
  EXPECT_FALSE(Resumes({.certificate = client}, [&] {
    server_options_.client_authorities = authority_.Trust(authority_.Revoke(false));
  }));
}

TEST_F(ServerHandshakeTest, RequiresAClientCertificate) {
  server_options_.client_certificates = ClientCertificates::kRequired;
  server_options_.client_authorities = authority_.Trust();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Accept({.version = version,
            .certificate = authority_.Load({.common_name = "client",
                                            .names = {"client.example.com"},
                                            .uris = {"https://example.com", "spiffe://td/ns/a"}})});
    Pump();
    ASSERT_NE(stream_->info(), nullptr) << stream_->error();
    const PeerIdentity& peer = *stream_->info()->peer;
    EXPECT_EQ(peer.subject, "CN=client");
    EXPECT_THAT(peer.dns_names, ::testing::ElementsAre("client.example.com"));
    EXPECT_EQ(peer.spiffe_id, "spiffe://td/ns/a");
    EXPECT_EQ(peer.fingerprint.size(), 64u);

    Accept({.version = version});
    Pump();
    EXPECT_EQ(stream_->failure(), Failure::kPeerUnverified);

    TestAuthority stranger("stranger");
    Accept({.version = version, .certificate = stranger.Load({})});
    Pump();
    EXPECT_EQ(stream_->failure(), Failure::kPeerUnverified);
    EXPECT_NE(stream_->error(), "");
  }
}

TEST_F(ServerHandshakeTest, TakesClientsWithoutACertificateWhereItIsOptional) {
  server_options_.client_certificates = ClientCertificates::kOptional;
  server_options_.client_authorities = authority_.Trust();
  Accept({});
  Pump();
  ASSERT_NE(stream_->info(), nullptr);
  EXPECT_FALSE(stream_->info()->peer.has_value());
  TestAuthority stranger("stranger");
  Accept({.certificate = stranger.Load({})});
  Pump();
  EXPECT_EQ(stream_->failure(), Failure::kPeerUnverified);
}

TEST_F(ServerHandshakeTest, ShowsTheChainThatWasLoadedAndNoOther) {
  server_options_.client_certificates = ClientCertificates::kOptional;
  server_options_.client_authorities = authority_.Trust();
  EXPECT_EQ(ShownTo({}), "test");
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(peer_->ssl())), 1);

  server_context_.reset();
  TestPair pair = authority_.Issue({.names = {"a.example.com"}});
  pair.chain.text += authority_.pem().text;
  server_options_.certificates = {*Certificate::Load(pair.chain, pair.key)};
  EXPECT_EQ(ShownTo({}), "test");
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(peer_->ssl())), 2);
}

TEST_F(ServerHandshakeTest, RefusesARevokedClient) {
  server_options_.client_certificates = ClientCertificates::kRequired;
  const auto client = Named("client", {});
  server_options_.client_authorities = authority_.Trust(authority_.Revoke(false));
  Accept({.certificate = client});
  Pump();
  EXPECT_NE(stream_->info(), nullptr) << stream_->error();

  server_context_.reset();
  server_options_.client_authorities = authority_.Trust(authority_.Revoke(true));
  Accept({.certificate = client});
  Pump();
  EXPECT_EQ(stream_->failure(), Failure::kPeerUnverified);
  EXPECT_EQ(stream_->error(), "certificate revoked");
}

TEST_F(ServerHandshakeTest, RefusesWhatIsNoTls) {
  for (const std::string text :
       {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x02\x01", "\x80\x2e\x01\x03\x01"}) {
    Accept({});
    wire_->Send(text);
    if (text.size() >= kHeaderBytes) {
      EXPECT_EQ(stream_->failure(), Failure::kHandshake) << text;
      EXPECT_NE(stream_->error(), "");
    }
  }
}

TEST_F(ServerHandshakeTest, SurvivesAnyDamageToAHandshake) {
  OpenSslPeer hello({});
  hello.Read();
  const std::string bytes = hello.Take();
  for (size_t at = 0; at < bytes.size(); ++at) {
    Accept({});
    std::string bad = bytes;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    wire_->Send(bad);
    wire_->End();
    EXPECT_EQ(owner_.ends, 0);
  }
}

TEST_F(ServerHandshakeTest, TakesNoEarlyData) {
  server_options_.ticket_keys = std::make_shared<TicketKeys>(clock_);
  Accept({});
  Pump();
  EXPECT_EQ(SSL_SESSION_get_max_early_data(SSL_get0_session(peer_->ssl())), 0u);
}

TEST_F(ServerHandshakeTest, LeavesItsDescriptionToWhoeverWantsIt) {
  Accept({});
  Pump();
  const auto info = stream_->TakeInfo();
  EXPECT_EQ(info->version, "TLSv1.3");
  EXPECT_EQ(stream_->info(), nullptr);
}

}  // namespace
}  // namespace fairlead::tls
