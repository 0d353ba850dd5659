#include "pkg/tls/traffic_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "pkg/tls/record_opener.h"
#include "pkg/tls/record_sealer.h"

namespace fairlead::tls {
namespace {

std::vector<uint8_t> FromHex(std::string_view text) {
  std::vector<uint8_t> bytes;
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    digits.push_back(c);
    if (digits.size() < 2) continue;
    bytes.push_back(static_cast<uint8_t>(std::stoi(digits, nullptr, 16)));
    digits.clear();
  }
  return bytes;
}

std::string Text(const std::vector<uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

// RFC 8448 §3, simple 1-RTT handshake.
const std::vector<uint8_t> kServerSecret = FromHex(
    "a1 1a f9 f0 55 31 f8 56 ad 47 11 6b 45 a9 50 32 82 04 b4 f4 4b fb 6b 3a 4b 4f 1f 3f cb 63 16 43");
const std::vector<uint8_t> kClientSecret = FromHex(
    "9e 40 64 6c e7 9a 7f 9d c0 5a f8 88 9b ce 65 52 87 5a fa 0b 06 df 00 87 f7 92 eb b7 c1 75 04 a5");
const std::vector<uint8_t> kClientRecord = FromHex(
    "17 03 03 00 43 a2 3f 70 54 b6 2c 94 d0 af fa fe 82 28 ba 55 cb ef ac ea 42 f9 14 aa 66 bc ab 3f 2b 98 "
    "19 "
    "a8 a5 b4 6b 39 5b d5 4a 9a 20 44 1e 2b 62 97 4e 1f 5a 62 92 a2 97 70 14 bd 1e 3d ea e6 3a ee bb 21 69 "
    "49 "
    "15 e4");
const std::vector<uint8_t> kClientAlert =
    FromHex("17 03 03 00 13 c9 87 27 60 65 56 66 b7 4d 7f f1 15 3e fd 6d b6 d0 b0 e3");

TEST(TrafficKeys, DerivesTheKeysOfTheRfcsExample) {
  const TrafficKeys server(Suite::kAes128GcmSha256, kServerSecret);
  const auto key = FromHex("9f 02 28 3b 6c 9c 07 ef c2 6b b9 f2 ac 92 e3 56");
  EXPECT_EQ(std::vector<uint8_t>(server.key().begin(), server.key().begin() + 16), key);
  TrafficKeys copy = server;
  const auto nonce = copy.TakeNonce();  // of record 0, so the IV
  EXPECT_EQ(std::vector<uint8_t>(nonce.begin(), nonce.end()), FromHex("cf 78 2b 88 dd 83 54 9a ad f1 e9 84"));
}

TEST(TrafficKeys, CountsIntoTheNonce) {
  TrafficKeys keys(Suite::kAes128GcmSha256, kServerSecret, 0x0102030405060708);
  const auto nonce = keys.TakeNonce();
  EXPECT_EQ(std::vector<uint8_t>(nonce.begin(), nonce.end()), FromHex("cf 78 2b 88 dc 81 57 9e a8 f7 ee 8c"));
  EXPECT_EQ(keys.number(), 0x0102030405060709u);
}

TEST(TrafficKeys, BeginToCountAnewWithEachGeneration) {
  TrafficKeys keys(Suite::kAes256GcmSha384, std::vector<uint8_t>(48, 7), 99);
  const auto before = keys.key();
  keys.Update();
  EXPECT_EQ(keys.number(), 0u);
  EXPECT_NE(keys.key(), before);
}

TEST(RecordSealer, MakesTheRecordsOfTheRfcsExample) {
  RecordCrypto crypto;
  RecordSealer sealer{TrafficKeys(Suite::kAes128GcmSha256, kClientSecret)};
  std::string content;
  for (char c = 0; c < 50; ++c) content.push_back(c);
  Scratch out;
  sealer.AppendData(crypto, content, kRecordsPerKey, &out);
  EXPECT_EQ(out.view(), Text(kClientRecord));
  out.Clear();
  sealer.AppendAlert(crypto, Alert::kCloseNotify, &out);
  EXPECT_EQ(out.view(), Text(kClientAlert));
}

TEST(RecordOpener, ReadsTheRecordsOfTheRfcsExample) {
  RecordCrypto crypto;
  RecordOpener opener(TrafficKeys(Suite::kAes128GcmSha256, kClientSecret), Side::kServer);
  std::vector<uint8_t> out(200);
  const auto data = opener.Open(crypto, Text(kClientRecord), out.data());
  ASSERT_EQ(data.kind, RecordOpener::Kind::kData);
  ASSERT_EQ(data.size, 50u);
  EXPECT_EQ(out[49], 49);
  EXPECT_EQ(opener.Open(crypto, Text(kClientAlert), out.data()).kind, RecordOpener::Kind::kClosed);
}

}  // namespace
}  // namespace fairlead::tls
