#include "pkg/tls/tls_stream_test.h"

#include <cctype>

namespace fairlead::tls {
namespace {

struct Variant {
  Side side;
  int version;
  const char* suite;
};

std::string NameOf(const ::testing::TestParamInfo<Variant>& info) {
  std::string name = info.param.side == Side::kServer ? "Server" : "Client";
  for (const char* c = info.param.suite; *c != '\0'; ++c) {
    if (std::isalnum(static_cast<unsigned char>(*c)) != 0) name.push_back(*c);
  }
  return name;
}

class TlsStreamVariantTest : public TlsStreamTest, public ::testing::WithParamInterface<Variant> {
 protected:
  void Begin() { TlsStreamTest::Begin(GetParam().side, Peer()); }
  void Establish() {
    Begin();
    Pump();
    ASSERT_NE(stream_->info(), nullptr) << stream_->error();
    ASSERT_TRUE(peer_->established());
  }
  static bool IsTls13() { return GetParam().version == TLS1_3_VERSION; }

  static OpenSslPeer::Options Peer() {
    OpenSslPeer::Options peer{.version = GetParam().version};
    (IsTls13() ? peer.suites : peer.ciphers) = GetParam().suite;
    return peer;
  }
};

TEST_P(TlsStreamVariantTest, ShakesHandsAndTalks) {
  Establish();
  EXPECT_EQ(stream_->compact(), IsTls13());
  EXPECT_EQ(stream_->info()->cipher, GetParam().suite);
  EXPECT_EQ(workspace().counts().open_compact, IsTls13() ? 1u : 0u);
  EXPECT_EQ(workspace().counts().open_openssl, IsTls13() ? 0u : 1u);
  EXPECT_EQ(stream_->Write("from us"), stream::WriteResult::kFlushed);
  peer_->Write("from the peer");
  Pump();
  EXPECT_EQ(peer_->received, "from us");
  EXPECT_EQ(owner_.data, "from the peer");
  stream_.reset();
  EXPECT_FALSE(wire_->closed_with_last_bytes()) << "there may be input that nobody has read";
  MoveToPeer();
  EXPECT_TRUE(peer_->closed);
  EXPECT_EQ(workspace().counts().open_compact + workspace().counts().open_openssl, 0u);
}

TEST_P(TlsStreamVariantTest, UnderstandsEveryByteByItself) {
  Begin();
  Pump(1);
  ASSERT_NE(stream_->info(), nullptr) << stream_->error();
  peer_->Write(Pattern(1000));
  stream_->Write("hello");
  peer_->CloseNotify();
  Pump(1);
  EXPECT_EQ(owner_.data, Pattern(1000));
  EXPECT_EQ(peer_->received, "hello");
  EXPECT_EQ(owner_.ends, 1);
}

TEST_P(TlsStreamVariantTest, UnderstandsEverySplitOfWhatFollowsTheHandshake) {
  Establish();
  for (size_t split = 1; split < 120; ++split) {
    owner_.data.clear();
    peer_->Write("first");
    peer_->Write("second");
    const std::string bytes = peer_->Take();
    if (split >= bytes.size()) break;
    wire_->Send(bytes.substr(0, split));
    wire_->Send(bytes.substr(split));
    ASSERT_EQ(owner_.data, "firstsecond") << split;
  }
}

TEST_P(TlsStreamVariantTest, ReadsWhatComesInOnePieceWithTheHandshake) {
  Begin();
  while (!peer_->established()) {
    MoveToPeer();
    const std::string flight = peer_->Take();
    if (peer_->established()) {
      peer_->Write("early");
      wire_->Send(flight + peer_->Take());
    } else {
      wire_->Send(flight);
    }
  }
  Pump();
  EXPECT_EQ(owner_.data, "early");
}

TEST_P(TlsStreamVariantTest, SendsWhatWasWrittenBeforeTheHandshakeWasDone) {
  Begin();
  EXPECT_EQ(stream_->Write("early "), stream::WriteResult::kBuffered);
  EXPECT_EQ(stream_->Write("bird"), stream::WriteResult::kBuffered);
  EXPECT_GE(stream_->buffered(), 10u);
  EXPECT_GE(stream_->unacknowledged(), 10u);
  stream_->End();
  Pump();
  EXPECT_EQ(peer_->received, "early bird");
  EXPECT_TRUE(peer_->closed);
  EXPECT_EQ(owner_.flushes, 1);
}

TEST_P(TlsStreamVariantTest, CarriesMuchByteForByte) {
  Establish();
  const std::string content = Pattern(3'000'000);
  for (size_t at = 0, size = 1; at < content.size(); at += size, size = size * 3 % 70001 + 1) {
    stream_->Write(std::string_view(content).substr(at, size));
  }
  peer_->Write(content);
  Pump(65536);
  EXPECT_TRUE(peer_->received == content);
  EXPECT_TRUE(owner_.data == content);
}

TEST_P(TlsStreamVariantTest, HandsOnOneReadInOnePiece) {
  Establish();
  for (int i = 0; i < 10; ++i) peer_->Write(std::string(3000, 'x'));
  wire_->Send(peer_->Take());
  EXPECT_EQ(owner_.reads, std::vector<size_t>{30000});
}

TEST_P(TlsStreamVariantTest, MakesOneRecordOfOneMessage) {
  Establish();
  const size_t before = wire_->received().size();
  stream_->Write(std::string(64, 'x'));
  const size_t overhead = wire_->received().size() - before - 64;
  const bool chacha = std::string_view(GetParam().suite).find("CHACHA20") != std::string_view::npos;
  EXPECT_EQ(overhead, IsTls13() ? 5 + 1 + 16u : chacha ? 5 + 16u : 5 + 8 + 16u);
}

TEST_P(TlsStreamVariantTest, EndsOneDirectionAfterTheOther) {
  Establish();
  stream_->End();
  Pump();
  EXPECT_TRUE(peer_->closed);
  EXPECT_TRUE(wire_->received_end());
  EXPECT_EQ(owner_.ends, 0);
  peer_->Write("still here");
  peer_->CloseNotify();
  Pump();
  EXPECT_EQ(owner_.data, "still here");
  EXPECT_EQ(owner_.ends, 1);
  wire_->End();
  EXPECT_TRUE(owner_.errors.empty());
}

TEST_P(TlsStreamVariantTest, GoesOnWritingWhenThePeerHasEnded) {
  Establish();
  peer_->Write("last words");
  peer_->CloseNotify();
  Pump();
  EXPECT_EQ(owner_.data, "last words");
  EXPECT_EQ(owner_.ends, 1);
  stream_->Write("understood");
  stream_->End();
  MoveToPeer();
  EXPECT_EQ(peer_->received, "understood");
}

TEST_P(TlsStreamVariantTest, SendsItsCloseNotifyWithTheEndWhereThePeerHasEnded) {
  Establish();
  peer_->CloseNotify();
  Pump();
  ASSERT_EQ(owner_.ends, 1);
  stream_.reset();
  EXPECT_TRUE(wire_->closed_with_last_bytes());
  MoveToPeer();
  EXPECT_TRUE(peer_->closed);
}

TEST_P(TlsStreamVariantTest, TellsATruncatedConnection) {
  Establish();
  peer_->Write("half a");
  Pump();
  wire_->End();
  EXPECT_EQ(owner_.data, "half a");
  EXPECT_EQ(owner_.ends, 0);
  EXPECT_EQ(owner_.errors, std::vector<stream::Failure>{stream::Failure::kTruncated});
  EXPECT_EQ(stream_->failure(), Failure::kTruncated);
}

TEST_P(TlsStreamVariantTest, PassesOnThatTheConnectionBroke) {
  Establish();
  wire_->Break(stream::Failure::kTimeout);
  EXPECT_EQ(owner_.errors, std::vector<stream::Failure>{stream::Failure::kTimeout});
  EXPECT_EQ(stream_->failure(), Failure::kTransport);
  EXPECT_EQ(stream_->Write("into the void"), stream::WriteResult::kBuffered);
}

TEST_P(TlsStreamVariantTest, AnswersAForgedRecordWithTheRightAlert) {
  Establish();
  peer_->Write("good");
  peer_->Write("bad");
  std::string bytes = peer_->Take();
  bytes.back() ^= 1;
  wire_->Send(bytes);
  EXPECT_EQ(owner_.data, "good");
  EXPECT_EQ(owner_.errors, std::vector<stream::Failure>{stream::Failure::kProtocol});
  EXPECT_EQ(stream_->failure(), Failure::kProtocol);
  stream_.reset();
  MoveToPeer();
  EXPECT_EQ(peer_->alert(), SSL_AD_BAD_RECORD_MAC);
}

TEST_P(TlsStreamVariantTest, AnswersARecordThatIsTooLong) {
  Establish();
  wire_->Send(std::string({23, 3, 3, 0x7f, 0}));
  EXPECT_EQ(stream_->failure(), Failure::kProtocol);
  MoveToPeer();
  EXPECT_EQ(peer_->alert(), SSL_AD_RECORD_OVERFLOW);
}

TEST_P(TlsStreamVariantTest, RefusesWhatIsNoRecord) {
  Establish();
  wire_->Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(stream_->failure(), Failure::kProtocol);
}

TEST_P(TlsStreamVariantTest, TellsThatThePeerGaveUp) {
  Establish();
  const std::string before = wire_->received();
  // A forged record makes the peer send bad_record_mac.
  peer_->Feed(std::string({23, 3, 3, 0, 30}) + std::string(30, 'x'));
  ASSERT_TRUE(peer_->failed);
  Pump();
  EXPECT_EQ(stream_->failure(), Failure::kAborted);
  EXPECT_EQ(owner_.errors, std::vector<stream::Failure>{stream::Failure::kProtocol});
  stream_.reset();
  EXPECT_EQ(wire_->received(), before) << "no alert answers an alert";
}

TEST_P(TlsStreamVariantTest, ReadsNothingWhilePaused) {
  Establish();
  stream_->Pause(stream::PauseReason::kPeerFull);
  stream_->Pause(stream::PauseReason::kHeld);
  peer_->Write("later");
  peer_->CloseNotify();
  Pump();
  EXPECT_EQ(owner_.data, "");
  stream_->Resume(stream::PauseReason::kPeerFull);
  Pump();
  EXPECT_EQ(owner_.data, "");
  stream_->Resume(stream::PauseReason::kHeld);
  Pump();
  EXPECT_EQ(owner_.data, "later");
  EXPECT_EQ(owner_.ends, 1);
}

TEST_P(TlsStreamVariantTest, KeepsTheEndBackWhenPausedByTheDataBeforeIt) {
  Establish();
  owner_.on_data = [&] { stream_->Pause(stream::PauseReason::kPeerFull); };
  peer_->Write("data");
  peer_->CloseNotify();
  Pump();
  EXPECT_EQ(owner_.data, "data");
  EXPECT_EQ(owner_.ends, 0);
  stream_->Resume(stream::PauseReason::kPeerFull);
  EXPECT_EQ(owner_.ends, 0) << "called back from inside a method";
  RunTasks();
  EXPECT_EQ(owner_.ends, 1);
}

TEST_P(TlsStreamVariantTest, MayBeDestroyedInEveryCallback) {
  for (int in = 0; in < 3; ++in) {
    Establish();
    owner_ = TestOwner();
    std::function<void()> destroy = [&] { stream_.reset(); };
    (in == 0 ? owner_.on_data : in == 1 ? owner_.on_end : owner_.on_error) = destroy;
    peer_->Write("data");
    if (in == 1) peer_->CloseNotify();
    std::string bytes = peer_->Take();
    if (in == 2) bytes.back() ^= 1;
    wire_->Send(bytes);
    EXPECT_EQ(stream_, nullptr);
    RunTasks();
  }
}

TEST_P(TlsStreamVariantTest, MayBeDestroyedWhileItIsDue) {
  Establish();
  owner_.on_data = [&] { stream_->Pause(stream::PauseReason::kPeerFull); };
  peer_->Write("data");
  peer_->CloseNotify();
  Pump();
  stream_->Resume(stream::PauseReason::kPeerFull);
  stream_.reset();
  RunTasks();
  EXPECT_EQ(owner_.ends, 0);
}

TEST_P(TlsStreamVariantTest, SaysWhatWaitsAndWhenItIsGone) {
  Establish();
  wire_->SetRoom(10);
  EXPECT_EQ(stream_->Write("more than ten bytes"), stream::WriteResult::kBuffered);
  EXPECT_GT(stream_->buffered(), 0u);
  owner_.flushes = 0;
  wire_->TakeAll();
  EXPECT_EQ(owner_.flushes, 1);
  EXPECT_EQ(stream_->buffered(), 0u);
}

TEST_P(TlsStreamVariantTest, ResetsWithoutAWord) {
  Establish();
  MoveToPeer();
  const size_t sent = wire_->received().size();
  stream_->ResetOnClose();
  stream_.reset();
  EXPECT_TRUE(wire_->closed_by_reset());
  EXPECT_EQ(wire_->received().size(), sent);
}

TEST_P(TlsStreamVariantTest, FailsWhenThePeerLeavesDuringTheHandshake) {
  Begin();
  wire_->End();
  EXPECT_EQ(owner_.errors, std::vector<stream::Failure>{stream::Failure::kTruncated});
  EXPECT_EQ(workspace().counts().failed, 1u);
}

TEST_P(TlsStreamVariantTest, GoesOnWithOpenSslWhereCompactRecordsAreOff) {
  server_options_.compact_records = client_options_.compact_records = false;
  Establish();
  EXPECT_FALSE(stream_->compact());
  stream_->Write("from us");
  peer_->Write("from the peer");
  if (IsTls13()) peer_->UpdateKeys(true);
  peer_->Write(" again");
  Pump();
  stream_->Write(" again");
  Pump();
  EXPECT_EQ(peer_->received, "from us again");
  EXPECT_EQ(owner_.data, "from the peer again");
}

INSTANTIATE_TEST_SUITE_P(
    All, TlsStreamVariantTest,
    ::testing::Values(Variant{Side::kServer, TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},
                      Variant{Side::kServer, TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
                      Variant{Side::kServer, TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"},
                      Variant{Side::kServer, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"},
                      Variant{Side::kServer, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"},
                      Variant{Side::kClient, TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},
                      Variant{Side::kClient, TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
                      Variant{Side::kClient, TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"},
                      Variant{Side::kClient, TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"}),
    NameOf);

}  // namespace
}  // namespace fairlead::tls
