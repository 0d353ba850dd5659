#include "pkg/tls/record_opener.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "pkg/tls/record_sealer.h"

namespace fairlead::tls {
namespace {

using Kind = RecordOpener::Kind;

constexpr uint8_t kData = 23;
constexpr uint8_t kHandshake = 22;
constexpr uint8_t kAlert = 21;

std::string Message(uint8_t type, std::string_view body) {
  std::string message = {static_cast<char>(type), static_cast<char>(body.size() >> 16),
                         static_cast<char>(body.size() >> 8), static_cast<char>(body.size())};
  return message.append(body);
}
const std::string kUpdate = Message(24, std::string(1, '\0'));
const std::string kUpdateAndAsk = Message(24, std::string(1, '\1'));
const std::string kTicket = Message(4, std::string(100, 't'));

class RecordOpenerTest : public ::testing::TestWithParam<Suite> {
 protected:
  void SetUp() override { Reset(Side::kServer); }
  void Reset(Side side) {
    const TrafficKeys keys(GetParam(), std::vector<uint8_t>(SecretBytes(GetParam()), 5));
    keys_.emplace(keys);
    opener_.emplace(keys, side);
  }

  // A record as the peer would seal it, whatever is in it.
  std::string Seal(std::string_view content, uint8_t type, size_t padding = 0) {
    std::string inner(content);
    inner.push_back(static_cast<char>(type));
    inner.append(padding, '\0');
    const size_t size = inner.size() + kTagBytes;
    std::string record = {23, 3, 3, static_cast<char>(size >> 8), static_cast<char>(size)};
    record.resize(kHeaderBytes + size);
    auto* bytes = reinterpret_cast<uint8_t*>(record.data());
    const auto last = static_cast<uint8_t>(inner.back());
    inner.pop_back();
    crypto_.Seal(*keys_, bytes, inner, last, bytes + kHeaderBytes);
    return record;
  }

  RecordOpener::Opened Open(const std::string& record) {
    out_.assign(record.size(), '\0');
    const auto opened = opener_->Open(crypto_, record, reinterpret_cast<uint8_t*>(out_.data()));
    out_.resize(opened.size);
    return opened;
  }
  void ExpectError(const std::string& record, Alert alert) {
    const auto opened = Open(record);
    EXPECT_EQ(opened.kind, Kind::kError);
    EXPECT_EQ(opened.alert, alert);
    EXPECT_EQ(opened.size, 0u);
  }

  RecordCrypto crypto_;
  std::optional<TrafficKeys> keys_;
  std::optional<RecordOpener> opener_;
  std::string out_;
};

TEST_P(RecordOpenerTest, HandsOnWhatWasSealed) {
  for (const size_t size : {size_t{1}, size_t{64}, kMaxContent}) {
    const std::string content(size, 'x');
    EXPECT_EQ(Open(Seal(content, kData)).kind, Kind::kData);
    EXPECT_EQ(out_, content);
  }
}

TEST_P(RecordOpenerTest, TakesPaddingOff) {
  EXPECT_EQ(Open(Seal("content", kData, 1000)).size, 7u);
  EXPECT_EQ(out_, "content");
}

TEST_P(RecordOpenerTest, RefusesWhatIsNotGenuine) {
  const std::string good = Seal("content", kData);
  for (size_t at = 3; at < good.size(); ++at) {
    Reset(Side::kServer);
    std::string bad = good;
    bad[at] ^= 1;
    if (at < kHeaderBytes) continue;  // another length: another record
    ExpectError(bad, Alert::kBadRecordMac);
  }
  Reset(Side::kServer);
  Open(good);
  ExpectError(good, Alert::kBadRecordMac);  // a second time
}

TEST_P(RecordOpenerTest, RefusesARecordWithoutRoomForItsTag) {
  ExpectError(std::string({23, 3, 3, 0, 3, 1, 2, 3}), Alert::kBadRecordMac);
  ExpectError(std::string({23, 3, 3, 0, 0}), Alert::kBadRecordMac);
}

TEST_P(RecordOpenerTest, RefusesOtherTypesInTheClear) {
  std::string record = Seal("content", kData);
  for (const char type : {20, 21, 22}) {
    record[0] = type;
    ExpectError(record, Alert::kUnexpectedMessage);
  }
}

TEST_P(RecordOpenerTest, RefusesOtherTypesInside) {
  for (const uint8_t type : {0, 20, 24, 255}) {
    Reset(Side::kServer);
    ExpectError(Seal("content", type), Alert::kUnexpectedMessage);
  }
}

TEST_P(RecordOpenerTest, RefusesPaddingAndNothingElse) {
  ExpectError(Seal("", 0, 50), Alert::kUnexpectedMessage);
}

TEST_P(RecordOpenerTest, RefusesWhatIsTooLong) {
  EXPECT_EQ(Open(Seal(std::string(kMaxContent - 100, 'x'), kData, 100)).kind, Kind::kData);
  ExpectError(Seal(std::string(kMaxContent, 'x'), kData, 1), Alert::kRecordOverflow);
  Reset(Side::kServer);
  ExpectError(Seal(std::string(kMaxContent + 1, 'x'), kData), Alert::kRecordOverflow);
  Reset(Side::kServer);
  ExpectError(Seal(std::string(kMaxCiphertext, 'x'), kData), Alert::kRecordOverflow);
}

TEST_P(RecordOpenerTest, BoundsRecordsWithoutData) {
  for (int i = 0; i < RecordOpener::kMaxIdleRecords; ++i) {
    ASSERT_EQ(Open(Seal("", kData, i)).kind, Kind::kData);
  }
  ASSERT_EQ(Open(Seal("x", kData)).kind, Kind::kData);
  for (int i = 0; i < RecordOpener::kMaxIdleRecords; ++i) ASSERT_EQ(Open(Seal("", kData)).kind, Kind::kData);
  ExpectError(Seal("", kData), Alert::kUnexpectedMessage);
}

TEST_P(RecordOpenerTest, FollowsKeyUpdates) {
  EXPECT_EQ(Open(Seal(kUpdate, kHandshake)).kind, Kind::kKeyUpdate);
  keys_->Update();
  EXPECT_EQ(Open(Seal("content", kData)).kind, Kind::kData);
  EXPECT_EQ(Open(Seal(kUpdateAndAsk, kHandshake)).kind, Kind::kKeyRequest);
  keys_->Update();
  EXPECT_EQ(Open(Seal("more", kData)).kind, Kind::kData);
  EXPECT_EQ(out_, "more");
}

TEST_P(RecordOpenerTest, BoundsKeyUpdatesWithoutData) {
  for (int i = 0; i < RecordOpener::kMaxIdleRecords; ++i) {
    ASSERT_EQ(Open(Seal(kUpdate, kHandshake)).kind, Kind::kKeyUpdate);
    keys_->Update();
  }
  ExpectError(Seal(kUpdate, kHandshake), Alert::kUnexpectedMessage);
}

TEST_P(RecordOpenerTest, FollowsAKeyUpdateInPieces) {
  for (const char byte : kUpdate.substr(0, 4)) {
    ASSERT_EQ(Open(Seal(std::string(1, byte), kHandshake)).kind, Kind::kTicket);
  }
  EXPECT_EQ(Open(Seal(std::string(1, '\0'), kHandshake)).kind, Kind::kKeyUpdate);
}

TEST_P(RecordOpenerTest, RefusesMalformedKeyUpdates) {
  ExpectError(Seal(Message(24, std::string(1, '\2')), kHandshake), Alert::kIllegalParameter);
  Reset(Side::kServer);
  ExpectError(Seal(Message(24, ""), kHandshake), Alert::kDecodeError);
  Reset(Side::kServer);
  ExpectError(Seal(Message(24, "ab"), kHandshake), Alert::kDecodeError);
  Reset(Side::kServer);
  ExpectError(Seal(kUpdate + kUpdate, kHandshake), Alert::kUnexpectedMessage);  // not at the record's end
  Reset(Side::kServer);
  ExpectError(Seal("", kHandshake), Alert::kUnexpectedMessage);
}

TEST_P(RecordOpenerTest, RefusesOtherHandshakeMessages) {
  for (const uint8_t type : {0, 1, 2, 5, 8, 11, 13, 15, 20, 254}) {
    for (const Side side : {Side::kServer, Side::kClient}) {
      Reset(side);
      ExpectError(Seal(Message(type, "body"), kHandshake), Alert::kUnexpectedMessage);
    }
  }
  Reset(Side::kServer);
  ExpectError(Seal(kTicket, kHandshake), Alert::kUnexpectedMessage);
}

TEST_P(RecordOpenerTest, ReadsOverTheTicketsOfAServer) {
  Reset(Side::kClient);
  EXPECT_EQ(Open(Seal(kTicket + kTicket, kHandshake)).kind, Kind::kTicket);
  for (size_t at = 0; at < kTicket.size(); at += 10) {
    EXPECT_EQ(Open(Seal(kTicket.substr(at, 10), kHandshake)).kind, Kind::kTicket);
  }
  EXPECT_EQ(Open(Seal("content", kData)).kind, Kind::kData);
  EXPECT_EQ(Open(Seal(kTicket + kUpdateAndAsk, kHandshake)).kind, Kind::kKeyRequest);
}

TEST_P(RecordOpenerTest, RefusesATicketOfImpossibleLength) {
  Reset(Side::kClient);
  ExpectError(Seal(std::string({4, 127, 0, 0}), kHandshake), Alert::kDecodeError);
}

TEST_P(RecordOpenerTest, LetsNothingInBetweenTheRecordsOfAMessage) {
  for (const uint8_t type : {kData, kAlert}) {
    Reset(Side::kClient);
    ASSERT_EQ(Open(Seal(kTicket.substr(0, 10), kHandshake)).kind, Kind::kTicket);
    ExpectError(Seal(std::string(2, '\0'), type), Alert::kUnexpectedMessage);
  }
}

TEST_P(RecordOpenerTest, TellsAlertsApart) {
  EXPECT_EQ(Open(Seal(std::string({1, 90}), kAlert)).kind, Kind::kData);  // user_canceled
  EXPECT_EQ(Open(Seal(std::string({1, 0}), kAlert)).kind, Kind::kClosed);
  const auto aborted = Open(Seal(std::string({2, 20}), kAlert));
  EXPECT_EQ(aborted.kind, Kind::kAborted);
  EXPECT_EQ(aborted.alert, Alert::kBadRecordMac);
  ExpectError(Seal(std::string(1, '\1'), kAlert), Alert::kDecodeError);
  ExpectError(Seal(std::string({1, 0, 1, 0}), kAlert), Alert::kDecodeError);
}

TEST_P(RecordOpenerTest, OpensWhatTheSealerSeals) {
  RecordSealer sealer(*keys_);
  const std::string content(3 * kMaxContent + 5, 'y');
  Scratch out;
  sealer.AppendData(crypto_, content, 2, &out);  // a new key for every two records
  std::string_view records = out.view();
  std::string all;
  std::vector<Kind> kinds;
  while (!records.empty()) {
    const size_t size =
        kHeaderBytes + (static_cast<uint8_t>(records[3]) << 8 | static_cast<uint8_t>(records[4]));
    kinds.push_back(Open(std::string(records.substr(0, size))).kind);
    all += out_;
    records.remove_prefix(size);
  }
  EXPECT_EQ(all, content);
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::kData, Kind::kData, Kind::kKeyUpdate, Kind::kData, Kind::kData}));
}

INSTANTIATE_TEST_SUITE_P(Suites, RecordOpenerTest,
                         ::testing::Values(Suite::kAes128GcmSha256, Suite::kAes256GcmSha384,
                                           Suite::kChaCha20Poly1305Sha256));

}  // namespace
}  // namespace fairlead::tls
