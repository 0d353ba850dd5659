#include "pkg/tls/tls_stream_test.h"

namespace fairlead::tls {
namespace {

constexpr size_t kUpdateRecord = kHeaderBytes + 5 + 1 + kTagBytes;

struct Variant {
  Side side;
  const char* suite;
};

// Key updates of a compact connection, with OpenSSL as the witness: it breaks off at the first record under
// the wrong key.
class KeyUpdateTest : public TlsStreamTest, public ::testing::WithParamInterface<Variant> {
 protected:
  void Establish() {
    Begin(GetParam().side, {.suites = GetParam().suite});
    Pump();
    ASSERT_TRUE(stream_->compact()) << stream_->error();
  }
  void ExpectTalks() {
    owner_.data.clear();
    peer_->received.clear();
    peer_->Write("ping");
    Pump();
    stream_->Write("pong");
    Pump();
    EXPECT_EQ(owner_.data, "ping");
    EXPECT_EQ(peer_->received, "pong");
    EXPECT_FALSE(peer_->failed);
  }
};

TEST_P(KeyUpdateTest, FollowsThePeersUpdates) {
  Establish();
  for (int i = 0; i < 3; ++i) {
    peer_->UpdateKeys(false);
    ExpectTalks();
  }
}

TEST_P(KeyUpdateTest, AnswersAnUpdateAtOnceWhenNothingWaits) {
  Establish();
  const size_t before = wire_->received().size();
  peer_->UpdateKeys(true);
  Pump();
  EXPECT_EQ(wire_->received().size(), before + kUpdateRecord);
  ExpectTalks();
}

TEST_P(KeyUpdateTest, AnswersAheadOfTheDataThatFollows) {
  Establish();
  owner_.on_data = [&] { stream_->Write("reply"); };
  peer_->UpdateKeys(true);
  peer_->Write("question");
  Pump();
  EXPECT_EQ(peer_->received, "reply");
  owner_.on_data = [] {};
  ExpectTalks();
}

TEST_P(KeyUpdateTest, AnswersManyRequestsOnceWhileThePeerDoesNotRead) {
  Establish();
  MoveToPeer();
  wire_->SetRoom(0);
  stream_->Write("waits");
  const size_t waiting = stream_->buffered();
  for (int i = 0; i < 20; ++i) {
    peer_->UpdateKeys(true);
    peer_->Write("x");
    wire_->Send(peer_->Take());
  }
  EXPECT_EQ(stream_->buffered(), waiting);
  wire_->TakeAll();
  EXPECT_EQ(stream_->buffered(), 0u);
  Pump();
  EXPECT_EQ(peer_->received, "waits");
  ExpectTalks();
}

TEST_P(KeyUpdateTest, UpdatesItsOwnKeyWhenItIsUsedUp) {
  records_per_key_ = 5;
  Establish();
  for (int i = 0; i < 12; ++i) {
    stream_->Write("some");
    Pump();
  }
  EXPECT_EQ(peer_->received.size(), 48u);
  EXPECT_FALSE(peer_->failed);
  ExpectTalks();
}

// Whoever sends minds its own key. OpenSSL that is asked while a write of several records waits breaks off.
TEST_P(KeyUpdateTest, LeavesThePeersKeyToThePeer) {
  records_per_key_ = 5;
  Establish();
  const size_t before = wire_->received().size();
  for (int i = 0; i < 12; ++i) {
    peer_->Write("some");
    Pump();
  }
  EXPECT_EQ(owner_.data.size(), 48u);
  EXPECT_EQ(wire_->received().size(), before);
  ExpectTalks();
}

TEST_P(KeyUpdateTest, StaysByteForByteWithUpdatesFromBothSides) {
  records_per_key_ = 7;
  Establish();
  const std::string content = Pattern(1'000'000);
  for (size_t at = 0; at < content.size(); at += 10'000) {
    if (at % 30'000 == 0) peer_->UpdateKeys(at % 60'000 == 0);
    peer_->Write(content.substr(at, 10'000));
    stream_->Write(content.substr(at, 10'000));
    Pump(1000 + at % 7777);
  }
  EXPECT_TRUE(owner_.data == content);
  EXPECT_TRUE(peer_->received == content);
}

TEST_P(KeyUpdateTest, EndsAConnectionThatDoesNothingElse) {
  Establish();
  for (int i = 0; i < 40 && stream_->failure() == Failure::kNone; ++i) {
    peer_->UpdateKeys(false);
    Pump();
  }
  EXPECT_EQ(stream_->failure(), Failure::kProtocol);
  MoveToPeer();
  EXPECT_EQ(peer_->alert(), SSL_AD_UNEXPECTED_MESSAGE);
}

INSTANTIATE_TEST_SUITE_P(All, KeyUpdateTest,
                         ::testing::Values(Variant{Side::kServer, "TLS_AES_128_GCM_SHA256"},
                                           Variant{Side::kServer, "TLS_AES_256_GCM_SHA384"},
                                           Variant{Side::kServer, "TLS_CHACHA20_POLY1305_SHA256"},
                                           Variant{Side::kClient, "TLS_AES_128_GCM_SHA256"},
                                           Variant{Side::kClient, "TLS_AES_256_GCM_SHA384"},
                                           Variant{Side::kClient, "TLS_CHACHA20_POLY1305_SHA256"}));

}  // namespace
}  // namespace fairlead::tls
