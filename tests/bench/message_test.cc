#include "tests/bench/message.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::bench {
namespace {

// RFC 6455, 5.3.
std::string Unmasked(std::string_view frame, size_t header_bytes) {
  const std::string_view key = frame.substr(header_bytes - 4, 4);
  std::string payload(frame.substr(header_bytes));
  for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
  return payload;
}

struct Sizes {
  size_t payload;
  size_t server_header;
};

class MessageOfSize : public testing::TestWithParam<Sizes> {};

TEST_P(MessageOfSize, CarriesTheSamePayloadMaskedAndUnmasked) {
  const auto [payload_bytes, header_bytes] = GetParam();
  Message sent = Message::FromClient(payload_bytes);
  Message echoed = Message::FromServer(payload_bytes);
  for (const uint64_t sequence : {0ull, 1ull, 0x0123456789abcdefull}) {
    const std::string_view masked = sent.WithSequence(sequence);
    const std::string_view plain = echoed.WithSequence(sequence);
    ASSERT_EQ(plain.size(), header_bytes + payload_bytes);
    ASSERT_EQ(masked.size(), plain.size() + 4);
    EXPECT_EQ(Unmasked(masked, header_bytes + 4), plain.substr(header_bytes));
  }
}

TEST_P(MessageOfSize, DiffersWithTheSequence) {
  Message message = Message::FromServer(GetParam().payload);
  const std::string first(message.WithSequence(1));
  EXPECT_NE(first, message.WithSequence(2));
  EXPECT_EQ(first, message.WithSequence(1));
}

// Either side of the borders between the three forms of a length (RFC 6455, 5.2).
INSTANTIATE_TEST_SUITE_P(LengthForms, MessageOfSize,
                         testing::Values(Sizes{8, 2}, Sizes{125, 2}, Sizes{126, 4}, Sizes{65535, 4},
                                         Sizes{65536, 10}));

TEST(Message, AnnouncesItsLengthInNetworkOrder) {
  EXPECT_EQ(Message::FromServer(64).WithSequence(0).substr(0, 2), std::string_view("\x82\x40", 2));
  EXPECT_EQ(Message::FromServer(0x1234).WithSequence(0).substr(0, 4),
            std::string_view("\x82\x7e\x12\x34", 4));
  EXPECT_EQ(Message::FromServer(0x10002).WithSequence(0).substr(0, 10),
            std::string_view("\x82\x7f\0\0\0\0\0\1\0\2", 10));
}

}  // namespace
}  // namespace fairlead::bench
