#include "pkg/telemetry/access_record.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "pkg/telemetry/flat_json.h"
#include "pkg/telemetry/packed_handshake.h"

namespace fairlead::telemetry {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::WallTime kNow{milliseconds(1709208000123)};
constexpr Place kPlace{.listener = "web", .route = "ws", .cluster = "chat", .endpoint = "10.0.0.7:9001"};

Handshake Usual() {
  return {.id = 0x2a,
          .client = "203.0.113.9:51234",
          .method = "GET",
          .host = "chat.example.com",
          .path = "/ws?room=1",
          .upgrade = "websocket",
          .request_id = "0f4c1d5e-8a2b-4c3d-9e8f-001122334455",
          .status = 101,
          .handshake = microseconds(1234),
          .revision = 7};
}

TEST(FormatAccessLine, TellsTheWholeStoryOfATunnel) {
  const Outcome outcome{
      .bytes_received = 5, .bytes_sent = 6, .duration = seconds(90), .reason = "client_closed"};
  EXPECT_EQ(FormatAccessLine(AccessEvent::kEnd, kNow, Usual(), kPlace, outcome),
            R"({"time":"2024-02-29T12:00:00.123Z","event":"end","id":"000000000000002a",)"
            R"("client":"203.0.113.9:51234","method":"GET","host":"chat.example.com","path":"/ws?room=1",)"
            R"("listener":"web","route":"ws","cluster":"chat","endpoint":"10.0.0.7:9001","status":101,)"
            R"("upgrade":"websocket","bytes_received":5,"bytes_sent":6,"handshake_ms":1.234,)"
            R"("duration_ms":90000.000,"reason":"client_closed","revision":7,)"
            R"("request_id":"0f4c1d5e-8a2b-4c3d-9e8f-001122334455"})");
}

TEST(FormatAccessLine, AnOpenLineHasNoOutcome) {
  const auto members =
      FlatJson::Parse(FormatAccessLine(AccessEvent::kOpen, kNow, Usual(), kPlace, Outcome()));
  ASSERT_TRUE(members);
  EXPECT_EQ(members->at("event"), "open");
  for (const char* name : {"bytes_received", "bytes_sent", "duration_ms", "reason"}) {
    EXPECT_EQ(members->count(name), 0u) << name;
  }
}

TEST(FormatAccessLine, LeavesOutWhatThereIsNot) {
  const auto members =
      FlatJson::Parse(FormatAccessLine(AccessEvent::kEnd, kNow, Handshake(), Place(), Outcome()));
  ASSERT_TRUE(members);
  for (const char* name : {"method", "host", "upgrade", "route", "endpoint", "status", "reason"}) {
    EXPECT_EQ(members->count(name), 0u) << name;
  }
}

TEST(FormatAccessLine, BoundsAndEscapesWhatAClientSends) {
  Handshake hostile = Usual();
  const std::string noise(100000, '\x01');
  hostile.method = hostile.host = hostile.path = hostile.upgrade = hostile.request_id = hostile.client =
      noise;
  const std::string line = FormatAccessLine(AccessEvent::kEnd, kNow, hostile, kPlace, Outcome());
  EXPECT_LT(line.size(), 16u * 1024);
  EXPECT_TRUE(FlatJson::Parse(line));
}

void ExpectSame(const Handshake& a, const Handshake& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.client, b.client);
  EXPECT_EQ(a.method, b.method);
  EXPECT_EQ(a.host, b.host);
  EXPECT_EQ(a.path, b.path);
  EXPECT_EQ(a.upgrade, b.upgrade);
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.handshake, b.handshake);
  EXPECT_EQ(a.revision, b.revision);
}

TEST(PackedHandshake, GivesBackWhatWentIn) {
  const PackedHandshake packed(Usual());
  ExpectSame(packed.Unpack(), Usual());
}

TEST(PackedHandshake, AnEmptyOneIsAnEmptyHandshake) {
  ExpectSame(PackedHandshake().Unpack(), Handshake());
}

TEST(PackedHandshake, CutsThePathToTheRoomThatIsLeft) {
  Handshake handshake = Usual();
  const std::string path = "/" + std::string(1000, 'p');
  handshake.path = path;
  const PackedHandshake packed(handshake);
  const Handshake unpacked = packed.Unpack();
  EXPECT_EQ(unpacked.host, handshake.host);
  EXPECT_EQ(unpacked.request_id, handshake.request_id);
  EXPECT_GT(unpacked.path.size(), 100u);
  EXPECT_TRUE(unpacked.path.ends_with("p…"));
}

TEST(PackedHandshake, StaysWithinItsBytesWhateverAClientSends) {
  const std::string noise(1000, 'x');
  const PackedHandshake packed(Handshake{.client = noise,
                                         .method = noise,
                                         .host = noise,
                                         .path = noise,
                                         .upgrade = noise,
                                         .request_id = noise,
                                         .handshake = std::chrono::hours(100)});
  const Handshake unpacked = packed.Unpack();
  const size_t texts = unpacked.client.size() + unpacked.method.size() + unpacked.host.size() +
                       unpacked.path.size() + unpacked.upgrade.size() + unpacked.request_id.size();
  EXPECT_LT(texts, PackedHandshake::kMaxBytes);
  EXPECT_GE(unpacked.path.size(), 40u);
  EXPECT_EQ(unpacked.handshake.count(), 0xffffffff);
}

}  // namespace
}  // namespace fairlead::telemetry
