#include <gmock/gmock.h>

#include "pkg/tls/tls_stream_test.h"

namespace fairlead::tls {
namespace {

class ClientHandshakeTest : public TlsStreamTest {
 protected:
  // A backend that shows this certificate.
  void ConnectTo(std::shared_ptr<const Certificate> shown, int version = TLS1_3_VERSION) {
    client_context_.reset();
    Connect({.version = version, .certificate = std::move(shown)});
    Pump();
  }
  Failure Result() { return stream_->failure(); }
  void ExpectTheQuestionWithTheEndOfTheHandshake() {
    MoveToPeer();
    wire_->Send(peer_->Take());
    EXPECT_EQ(wire_->writes(), 2u);  // the first was its hello
    MoveToPeer();
    EXPECT_EQ(peer_->received, "question");
  }
};

TEST_F(ClientHandshakeTest, BelievesABackendOfThatNameAndAuthority) {
  ConnectTo(certificate_);
  ASSERT_NE(stream_->info(), nullptr) << stream_->error();
  EXPECT_EQ(stream_->info()->peer->dns_names, std::vector<std::string>{"a.example.com"});
  EXPECT_STREQ(SSL_get_servername(peer_->ssl(), TLSEXT_NAMETYPE_host_name), "a.example.com");
}

TEST_F(ClientHandshakeTest, SendsWhatWasWrittenWithTheEndOfItsHandshake) {
  Connect();
  stream_->Write("question");
  ExpectTheQuestionWithTheEndOfTheHandshake();
}

TEST_F(ClientHandshakeTest, SendsWhatIsWrittenOnTheNewsWithTheEndOfItsHandshake) {
  client_context_ = *ClientContext::Make(client_options_);
  peer_ =
      std::make_unique<OpenSslPeer>(OpenSslPeer::Options{.side = Side::kServer, .certificate = certificate_});
  NewWire();
  stream_ = TlsStream::Connect(workspace(), client_context_, "backend", wire_->Connect());
  stream_->Handshake([&](Failure failure) {
    EXPECT_EQ(failure, Failure::kNone);
    stream_->SetDelegate(&owner_);
    stream_->Write("question");
  });
  ExpectTheQuestionWithTheEndOfTheHandshake();
}

TEST_F(ClientHandshakeTest, EndsItsHandshakeThoughNothingIsWritten) {
  Connect();
  MoveToPeer();
  wire_->Send(peer_->Take());
  MoveToPeer();
  EXPECT_TRUE(peer_->established());
}

TEST_F(ClientHandshakeTest, RefusesABackendOfAnotherName) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ConnectTo(authority_.Load({.names = {"b.example.com"}}), version);
    EXPECT_EQ(Result(), Failure::kPeerUnverified);
    EXPECT_EQ(stream_->error(), "hostname mismatch");
    EXPECT_FALSE(peer_->established());
    EXPECT_TRUE(peer_->alert().has_value());
  }
}

TEST_F(ClientHandshakeTest, RefusesABackendOfAnotherAuthority) {
  TestAuthority stranger("stranger");
  ConnectTo(stranger.Load({.names = {"a.example.com"}}));
  EXPECT_EQ(Result(), Failure::kPeerUnverified);
  EXPECT_NE(stream_->error(), "");
}

TEST_F(ClientHandshakeTest, RefusesARevokedBackend) {
  const auto shown = authority_.Load({.names = {"a.example.com"}});
  client_options_.authorities = authority_.Trust(authority_.Revoke(true));
  ConnectTo(shown);
  EXPECT_EQ(Result(), Failure::kPeerUnverified);
  EXPECT_EQ(stream_->error(), "certificate revoked");
}

TEST_F(ClientHandshakeTest, LooksForOneOfTheAlternativeNames) {
  const auto shown = authority_.Load({.names = {"b.example.com"}, .uris = {"spiffe://td/backend"}});
  client_options_.subject_alt_names = {"spiffe://td/backend"};
  ConnectTo(shown);
  EXPECT_NE(stream_->info(), nullptr) << stream_->error();
  client_options_.subject_alt_names = {"other.example.com", "b.example.com"};
  ConnectTo(shown);
  EXPECT_NE(stream_->info(), nullptr) << stream_->error();
  client_options_.subject_alt_names = {"spiffe://td/other", "other.example.com"};
  ConnectTo(shown);
  EXPECT_EQ(Result(), Failure::kPeerUnverified);
}

TEST_F(ClientHandshakeTest, ExpectsAnAddressWhereItIsNamedByOne) {
  client_options_.server_name = "127.0.0.1";
  ConnectTo(certificate_);
  EXPECT_EQ(Result(), Failure::kPeerUnverified);
  EXPECT_EQ(stream_->error(), "IP address mismatch");
  EXPECT_EQ(SSL_get_servername(peer_->ssl(), TLSEXT_NAMETYPE_host_name), nullptr);
}

TEST_F(ClientHandshakeTest, ShowsItsCertificate) {
  client_options_.certificate = authority_.Load({.common_name = "proxy"});
  Connect({.trust = authority_.Trust(), .ask_certificate = true});
  Pump();
  ASSERT_TRUE(peer_->established());
  const X509Ptr shown(SSL_get1_peer_certificate(peer_->ssl()));
  EXPECT_NE(shown, nullptr);
}

TEST_F(ClientHandshakeTest, TellsThatABackendWantsACertificate) {
  Connect({.trust = authority_.Trust(), .ask_certificate = true});
  Pump();
  // With TLS 1.3 the backend says so only after our side is done.
  EXPECT_EQ(Result(), Failure::kAborted);
}

TEST_F(ClientHandshakeTest, ResumesItsSessions) {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    const OpenSslPeer::Options options{
        .side = Side::kServer, .version = version, .certificate = certificate_};
    SslCtxPtr context = OpenSslPeer::NewContext(options);
    client_context_ = *ClientContext::Make(client_options_);
    for (int time = 0; time < 4; ++time) {
      SSL_CTX_up_ref(context.get());
      TlsStreamTest::ConnectTo(std::make_unique<OpenSslPeer>(options, SslCtxPtr(context.get())));
      Pump();
      ASSERT_NE(stream_->info(), nullptr) << stream_->error();
      EXPECT_EQ(stream_->info()->resumed, time > 0) << time;
      EXPECT_EQ(SSL_session_reused(peer_->ssl()), time > 0);
      peer_->Write("data");
      Pump();
      owner_.data.clear();
    }
  }
}

TEST_F(ClientHandshakeTest, TellsItsOwnerHowTheHandshakeWent) {
  client_context_ = *ClientContext::Make(client_options_);
  for (const bool good : {true, false}) {
    peer_ = std::make_unique<OpenSslPeer>(OpenSslPeer::Options{
        .side = Side::kServer,
        .certificate = good ? certificate_ : authority_.Load({.names = {"b.example.com"}})});
    NewWire();
    stream_ = TlsStream::Connect(workspace(), client_context_, "backend", wire_->Connect());
    std::vector<Failure> results;
    stream_->Handshake([&](Failure failure) { results.push_back(failure); });
    Pump();
    EXPECT_EQ(results, std::vector<Failure>{good ? Failure::kNone : Failure::kPeerUnverified});
    EXPECT_TRUE(owner_.errors.empty());
  }
}

TEST_F(ClientHandshakeTest, HoldsWhatComesBeforeItIsStarted) {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    owner_ = TestOwner();
    client_context_ = *ClientContext::Make(client_options_);
    peer_ = std::make_unique<OpenSslPeer>(
        OpenSslPeer::Options{.side = Side::kServer, .version = version, .certificate = certificate_});
    NewWire();
    stream_ = TlsStream::Connect(workspace(), client_context_, "backend", wire_->Connect());
    bool done = false;
    stream_->Handshake([&](Failure) { done = true; });
    // The last one that the client hears of a handshake: with TLS 1.2 the server's Finished, which the data
    // then shares a read with.
    for (bool sent = false; !sent;) {
      MoveToPeer();
      std::string bytes = peer_->Take();
      if (peer_->established()) {
        peer_->Write("early");
        peer_->CloseNotify();
        bytes += peer_->Take();
        sent = true;
      }
      wire_->Send(bytes);
    }
    EXPECT_TRUE(done);
    Pump();
    stream_->SetDelegate(&owner_);
    EXPECT_EQ(owner_.data, "");
    stream_->Start();
    EXPECT_EQ(owner_.data, "") << "called back from inside a method";
    Pump();
    EXPECT_EQ(owner_.data, "early");
    EXPECT_EQ(owner_.ends, 1);
  }
}

TEST_F(ClientHandshakeTest, MayBeDestroyedWhenTheHandshakeIsDone) {
  client_context_ = *ClientContext::Make(client_options_);
  peer_ =
      std::make_unique<OpenSslPeer>(OpenSslPeer::Options{.side = Side::kServer, .certificate = certificate_});
  NewWire();
  stream_ = TlsStream::Connect(workspace(), client_context_, "backend", wire_->Connect());
  stream_->Handshake([&](Failure) { stream_.reset(); });
  Pump();
  EXPECT_EQ(stream_, nullptr);
}

TEST_F(ClientHandshakeTest, AgreesOnAProtocolOrOnNone) {
  client_options_.alpn = {"http/1.1"};
  ConnectTo(certificate_);
  EXPECT_EQ(stream_->info()->alpn, "");
}

TEST(ClientContext, WantsToKnowWhomToExpect) {
  TestAuthority authority;
  ClientContext::Options options;
  options.server_name = "a";
  EXPECT_FALSE(ClientContext::Make(options).ok());
  options.authorities = authority.Trust();
  EXPECT_TRUE(ClientContext::Make(options).ok());
  options.server_name.clear();
  EXPECT_FALSE(ClientContext::Make(options).ok());
}

}  // namespace
}  // namespace fairlead::tls
