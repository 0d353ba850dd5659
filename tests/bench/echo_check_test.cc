#include "tests/bench/echo_check.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::bench {
namespace {

constexpr size_t kPayloadBytes = 20;

std::string Echoes(uint64_t first, uint64_t count) {
  Message message = Message::FromServer(kPayloadBytes);
  std::string bytes;
  for (uint64_t i = first; i < first + count; ++i) bytes += message.WithSequence(i);
  return bytes;
}

class EchoCheckTest : public testing::Test {
 protected:
  Message expected_ = Message::FromServer(kPayloadBytes);
  EchoCheck check_;
};

TEST_F(EchoCheckTest, CountsEchoesHoweverTheyAreCut) {
  const std::string bytes = Echoes(0, 3);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    EchoCheck check;
    EXPECT_TRUE(check.Take(std::string_view(bytes).substr(0, cut), 3, expected_));
    EXPECT_EQ(check.received(), cut / expected_.size());
    EXPECT_TRUE(check.Take(std::string_view(bytes).substr(cut), 3, expected_));
    EXPECT_EQ(check.received(), 3);
  }
}

TEST_F(EchoCheckTest, RefusesOneThatWasLeftOut) {
  EXPECT_FALSE(check_.Take(Echoes(1, 1), 2, expected_));
}

TEST_F(EchoCheckTest, RefusesOneThatComesTwice) {
  EXPECT_FALSE(check_.Take(Echoes(0, 1) + Echoes(0, 1), 2, expected_));
}

TEST_F(EchoCheckTest, RefusesADamagedByte) {
  for (size_t at = 0; at < expected_.size(); ++at) {
    std::string bytes = Echoes(0, 1);
    bytes[at] ^= 1;
    EchoCheck check;
    EXPECT_FALSE(check.Take(bytes, 1, expected_)) << "byte " << at;
  }
}

TEST_F(EchoCheckTest, RefusesTheEchoOfWhatWasNeverSent) {
  EXPECT_FALSE(check_.Take(Echoes(0, 2), 1, expected_));
}

}  // namespace
}  // namespace fairlead::bench
