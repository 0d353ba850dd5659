#include "pkg/websocket/handshake.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace fairlead::websocket {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 §1.3
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

http1::Fields Make(const Lines& lines) {
  http1::Fields fields;
  for (const auto& [name, value] : lines) fields.Add(name, value);
  return fields;
}

TEST(ComputeAccept, GivesTheRfcsExample) {
  const std::array<char, 28> accept = ComputeAccept(kKey);
  EXPECT_EQ(std::string_view(accept.data(), accept.size()), kAccept);
}

TEST(CheckRequest, TakesAHandshake) {
  EXPECT_EQ(CheckRequest("GET", Make({{"sec-websocket-version", "13"}, {"Sec-WebSocket-Key", kKey}})),
            RequestCheck::kOk);
}

TEST(CheckRequest, SaysWhatIsWrong) {
  const struct {
    std::string_view method;
    Lines lines;
    RequestCheck expected;
  } cases[] = {
      {"POST", {{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", kKey}}, RequestCheck::kBadMethod},
      {"get", {{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", kKey}}, RequestCheck::kBadMethod},
      {"GET", {{"Sec-WebSocket-Key", kKey}}, RequestCheck::kBadVersion},
      {"GET", {{"Sec-WebSocket-Version", "8"}, {"Sec-WebSocket-Key", kKey}}, RequestCheck::kBadVersion},
      {"GET", {{"Sec-WebSocket-Version", "13, 8"}, {"Sec-WebSocket-Key", kKey}}, RequestCheck::kBadVersion},
      {"GET", {{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Version", "13"}}, RequestCheck::kBadVersion},
      {"GET", {{"Sec-WebSocket-Version", "13"}}, RequestCheck::kMissingKey},
      {"GET",
       {{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", kKey}, {"Sec-WebSocket-Key", kKey}},
       RequestCheck::kBadKey},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(CheckRequest(c.method, Make(c.lines)), c.expected) << ToString(c.expected);
  }
}

TEST(CheckRequest, RefusesAHandshakeThatEndsAtTheNextHop) {
  const auto check = [](std::string_view connection) {
    return CheckRequest("GET", Make({{"Sec-WebSocket-Version", "13"},
                                     {"Sec-WebSocket-Key", kKey},
                                     {"Connection", "Upgrade"},
                                     {"Connection", connection}}));
  };
  EXPECT_EQ(check("keep-alive, X-Private"), RequestCheck::kOk);
  EXPECT_EQ(check("sec-websocket-key"), RequestCheck::kBadConnection);
  EXPECT_EQ(check("close, Sec-WebSocket-Version"), RequestCheck::kBadConnection);
  EXPECT_EQ(check("Sec-WebSocket-Protocol"), RequestCheck::kBadConnection);
}

TEST(CheckRequest, RefusesKeysThatAreNotSixteenBytes) {
  for (std::string_view key :
       {"", "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ= ", "dGhlIHNhbXBsZSBub25jZWU=", "dGhlIHNhbXBsZSBub25j====",
        "dGhlIHNh!XBsZSBub25jZQ==", "dGhlIHNh XBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==a", "AAAA"}) {
    EXPECT_EQ(CheckRequest("GET", Make({{"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", key}})),
              RequestCheck::kBadKey)
        << key;
  }
}

TEST(CheckRequest, HasAStatusForEveryRefusal) {
  EXPECT_EQ(StatusOf(RequestCheck::kBadVersion), 426);
  EXPECT_EQ(StatusOf(RequestCheck::kBadKey), 400);
  EXPECT_EQ(StatusOf(RequestCheck::kMissingKey), 400);
  EXPECT_EQ(StatusOf(RequestCheck::kBadMethod), 400);
  EXPECT_EQ(StatusOf(RequestCheck::kBadConnection), 400);
}

TEST(AllowedSubprotocols, KeepsTheOrderOfTheOffer) {
  const std::vector<std::string> allowed{"mqtt", "chat.v2"};
  EXPECT_EQ(AllowedSubprotocols(
                Make({{"Sec-WebSocket-Protocol", "chat.v1, chat.v2"}, {"sec-websocket-protocol", "x,mqtt"}}),
                allowed),
            "chat.v2, mqtt");
  EXPECT_EQ(AllowedSubprotocols(Make({{"Sec-WebSocket-Protocol", "MQTT"}}), allowed), "");
  EXPECT_EQ(AllowedSubprotocols(Make({}), allowed), "");
}

TEST(CheckAccept, WantsTheOneRightAnswer) {
  EXPECT_TRUE(CheckAccept(kKey, Make({{"sec-websocket-accept", kAccept}})));
  EXPECT_FALSE(CheckAccept(kKey, Make({})));
  EXPECT_FALSE(CheckAccept(kKey, Make({{"Sec-WebSocket-Accept", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="}})));
  EXPECT_FALSE(
      CheckAccept(kKey, Make({{"Sec-WebSocket-Accept", kAccept}, {"Sec-WebSocket-Accept", kAccept}})));
}

}  // namespace
}  // namespace fairlead::websocket
