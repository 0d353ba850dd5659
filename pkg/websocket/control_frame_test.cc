#include "pkg/websocket/control_frame.h"

#include <gtest/gtest.h>

#include "pkg/websocket/close_code.h"
#include "pkg/websocket/test_frames.h"

namespace fairlead::websocket {
namespace {

constexpr MaskingKey kKey{0x12, 0x34, 0x56, 0x78};

TEST(ControlFrame, IsWrittenForAClientAndForAServer) {
  EXPECT_EQ(WriteControlFrame(Opcode::kPing, "abc", std::nullopt), ServerFrame(Opcode::kPing, "abc"));
  EXPECT_EQ(WriteControlFrame(Opcode::kPong, "abcdefg", kKey), ClientFrame(Opcode::kPong, "abcdefg"));
  EXPECT_EQ(WriteControlFrame(Opcode::kPing, "", kKey), ClientFrame(Opcode::kPing, ""));
}

TEST(ControlFrame, NeverGrowsTooLong) {
  const std::string frame = WriteControlFrame(Opcode::kPing, std::string(200, 'x'), std::nullopt);
  EXPECT_EQ(frame, ServerFrame(Opcode::kPing, std::string(125, 'x')));
}

TEST(ControlFrame, GivesItsPayloadBack) {
  EXPECT_EQ(ControlPayload(ClientFrame(Opcode::kPong, "payload")), "payload");
  EXPECT_EQ(ControlPayload(ServerFrame(Opcode::kPong, "payload")), "payload");
  EXPECT_EQ(ControlPayload(ServerFrame(Opcode::kPong, "")), "");
}

TEST(ClosePayload, HasCodeAndReason) {
  EXPECT_EQ(ClosePayload(1012, "restart"), "\x03\xF4restart");
  EXPECT_EQ(CloseCodeOf(ClosePayload(4999, "")), 4999);
}

TEST(ClosePayload, KeepsNoPartOfACharacter) {
  const std::string long_reason = std::string(122, 'x') + "ü";
  EXPECT_EQ(ClosePayload(1000, long_reason).size(), 2u + 122);
  EXPECT_EQ(ClosePayload(1000, std::string(121, 'x') + "ü").size(), 2u + 123);
}

TEST(CloseCode, OfAPayload) {
  EXPECT_EQ(CloseCodeOf(""), kNoStatus);
  EXPECT_EQ(CloseCodeOf("\x03"), std::nullopt);
  EXPECT_EQ(CloseCodeOf("\x03\xE8 bye"), 1000);
}

TEST(CloseCode, SomeAreNeverSent) {
  for (const uint16_t code : {1000, 1001, 1003, 1007, 1012, 1013, 1014, 3000, 4999})
    EXPECT_TRUE(MaySend(code));
  for (const uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) EXPECT_FALSE(MaySend(code));
}

}  // namespace
}  // namespace fairlead::websocket
