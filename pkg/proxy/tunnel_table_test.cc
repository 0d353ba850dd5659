#include "pkg/proxy/tunnel_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "pkg/admission/gate.h"
#include "pkg/loop/test_turns.h"
#include "pkg/telemetry/stats_registry.h"
#include "pkg/websocket/test_frames.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_stream.h"

namespace fairlead::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A table of tunnels between scripted streams, with ids from 1.
class TunnelTableTest : public ::testing::Test, private stream::Delegate {
 protected:
  ~TunnelTableTest() override {
    tunnels_.CutAll({.reason = telemetry::CloseReason::kDrained});
    loop::RunIdle(loop_);
  }

  tunnel::Parts Parts(const std::string& route, const std::shared_ptr<endpoint::Endpoint>& endpoint) {
    return {.client = Started(peers_.emplace_back()),
            .backend = Started(peers_.emplace_back()),
            .ticket = *admission::Ticket::Take(gate_, stats_.Listener("web")),
            .lease = *endpoint::Lease::Take(endpoint),
            .stats = stats_.Route("web", route, "chat"),
            .kind = telemetry::UpgradeKind::kWebSocket,
            .handshake = telemetry::PackedHandshake({.id = ++last_id_, .client = client_}),
            .began = clock_.Now(),
            .timeouts = {},
            .key = key_};
  }

  void Open(const std::string& route, const std::shared_ptr<endpoint::Endpoint>& endpoint) {
    tunnels_.Open(Parts(route, endpoint), rules_, {});
  }

  std::vector<uint64_t> ListedBy(const tunnel::Selector& selector) {
    std::vector<tunnel::Row> rows;
    size_t end = tunnels_.size();
    while (end > 0) end = tunnels_.ListBelow(end, 2, selector, &rows);
    std::vector<uint64_t> ids;
    for (const tunnel::Row& row : rows) ids.push_back(row.id);
    return ids;
  }

  testing::FakeClock clock_;
  loop::Loop loop_{&clock_};
  telemetry::StatsRegistry registry_;
  telemetry::WorkerStats stats_{registry_, 0};
  admission::Process process_{0};
  std::shared_ptr<admission::Gate> gate_ = std::make_shared<admission::Gate>(1, process_);
  std::shared_ptr<endpoint::Endpoint> first_ =
      std::make_shared<endpoint::Endpoint>("chat", *base::SocketAddress::Parse("127.0.0.1:9001"), "chat-0");
  std::shared_ptr<endpoint::Endpoint> second_ =
      std::make_shared<endpoint::Endpoint>("chat", *base::SocketAddress::Parse("127.0.0.1:9002"), "");
  std::deque<testing::ScriptedPeer> peers_;
  uint64_t last_id_ = 0;
  std::string client_ = "192.0.2.1:5";             // of those that are opened next
  std::optional<endpoint::PlacedKey> key_;         // likewise
  std::shared_ptr<const websocket::Rules> rules_;  // null = no WebSockets
  base::Random random_{1};
  TunnelTable tunnels_{loop_, clock_, random_, stats_, nullptr};

 private:
  std::unique_ptr<stream::Stream> Started(testing::ScriptedPeer& peer) {
    std::unique_ptr<stream::Stream> near = peer.Connect();
    near->SetDelegate(this);
    near->Start();
    near->Pause(stream::PauseReason::kHeld);
    return near;
  }

  void OnData(std::string_view) override {}
  void OnEnd() override {}
  void OnFlushed() override {}
  void OnError(stream::Failure) override {}
};

TEST_F(TunnelTableTest, ListsEveryTunnelOnce) {
  for (int i = 0; i < 5; ++i) Open("ws", first_);
  EXPECT_THAT(ListedBy({}), UnorderedElementsAre(1, 2, 3, 4, 5));
}

TEST_F(TunnelTableTest, ListsWhatFitsEveryFieldOfTheSelector) {
  Open("ws", first_);
  Open("ws", second_);
  Open("api", first_);
  tunnel::Selector selector;
  selector.route = "ws";
  EXPECT_THAT(ListedBy(selector), UnorderedElementsAre(1, 2));
  selector.endpoint = "chat-0";
  EXPECT_THAT(ListedBy(selector), UnorderedElementsAre(1));
  selector.endpoint = "127.0.0.1:9001";  // by address, although it has an id
  EXPECT_THAT(ListedBy(selector), UnorderedElementsAre(1));
  selector.endpoint = "127.0.0.1:9002";
  EXPECT_THAT(ListedBy(selector), UnorderedElementsAre(2));
  selector = {};
  selector.ids = {3, 9};
  std::vector<tunnel::Brief> selected;
  EXPECT_EQ(tunnels_.SelectBelow(3, 2, selector, &selected), 1U);
  EXPECT_EQ(tunnels_.SelectBelow(1, 2, selector, &selected), 0U);
  EXPECT_THAT(selected, ElementsAre(tunnel::Brief{.id = 3, .began = clock_.Now(), .at = first_.get()}));
}

TEST_F(TunnelTableTest, ListsByClient) {
  for (const char* client :
       {"192.0.2.1:5", "192.0.2.10:5", "192.0.2.1", "[2001:db8::1]:5", "2001:db8::1:5"}) {
    client_ = client;
    Open("ws", first_);
  }
  EXPECT_THAT(ListedBy({.client = "192.0.2.1"}), UnorderedElementsAre(1, 3));
  EXPECT_THAT(ListedBy({.client = "2001:db8::1"}), UnorderedElementsAre(4));
}

TEST_F(TunnelTableTest, ListsByKeyAgeAndSilence) {
  key_ = {.key = 7};
  Open("ws", first_);
  peers_[0].Send("x");
  clock_.Advance(base::Duration(1000));
  key_.reset();
  Open("ws", first_);
  EXPECT_THAT(ListedBy({.key = 7}), UnorderedElementsAre(1));
  EXPECT_THAT(ListedBy({.key = 8}), IsEmpty());
  EXPECT_THAT(ListedBy({.min_age = base::Duration(1000)}), UnorderedElementsAre(1));
  EXPECT_THAT(ListedBy({.min_idle = base::Duration(1000)}), UnorderedElementsAre(1));
  peers_[0].Send("x");
  EXPECT_THAT(ListedBy({.min_idle = base::Duration(1000)}), IsEmpty());
}

TEST_F(TunnelTableTest, MissesNoneThatStaysWhileOthersClose) {
  for (int i = 0; i < 6; ++i) Open("ws", first_);
  std::vector<tunnel::Row> rows;
  const size_t end = tunnels_.ListBelow(tunnels_.size(), 2, {}, &rows);
  tunnels_.Shut({1, 4}, {.reason = telemetry::CloseReason::kRequested});
  tunnels_.ListBelow(end, 10, {}, &rows);
  absl::flat_hash_set<uint64_t> seen;
  for (const tunnel::Row& row : rows) seen.insert(row.id);
  for (const uint64_t id : {2, 3, 5, 6}) EXPECT_TRUE(seen.contains(id)) << id;
}

TEST_F(TunnelTableTest, ShowsHowATunnelIs) {
  Open("ws", first_);
  clock_.Advance(base::Duration(1500));
  std::vector<tunnel::Row> rows;
  tunnels_.ListBelow(1, 1, {}, &rows);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].listener, "web");
  EXPECT_EQ(rows[0].cluster, "chat");
  EXPECT_EQ(rows[0].endpoint, "chat-0");
  EXPECT_EQ(rows[0].client, "192.0.2.1:5");
  EXPECT_EQ(rows[0].idle, base::Duration(1500));
  EXPECT_EQ(clock_.WallNow() - rows[0].opened_at, base::Duration(1500));
  EXPECT_EQ(rows[0].key, std::nullopt);
  EXPECT_EQ(rows[0].conversation, std::nullopt) << "no WebSocket";
}

TEST_F(TunnelTableTest, ShowsWhatWasSaidOnAWebSocket) {
  rules_ = std::make_shared<websocket::Rules>();
  key_ = {.key = 42, .definition = 7, .at_home = true};
  Open("ws", first_);
  peers_[0].Send(websocket::ClientFrame(websocket::Opcode::kText, "hello"));
  std::vector<tunnel::Row> rows;
  tunnels_.ListBelow(1, 1, {}, &rows);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].key, key_);
  EXPECT_EQ(rows[0].conversation->messages_from_client, 1U);
  EXPECT_EQ(rows[0].conversation->messages_from_backend, 0U);
}

TEST_F(TunnelTableTest, WhatIsOpenAtItsEndWasCutByTheShutdown) {
  const auto shutdown = static_cast<size_t>(telemetry::CloseReason::kShutdown);
  Open("ws", first_);
  {
    TunnelTable ending(loop_, clock_, random_, stats_, nullptr);
    ending.Open(Parts("ws", first_), rules_, {});
  }
  EXPECT_EQ(stats_.Route("web", "ws", "chat")->tunnels_closed[shutdown].value(), 1U);
}

TEST_F(TunnelTableTest, ClosesThoseThatAreNamed) {
  for (int i = 0; i < 4; ++i) Open("ws", first_);
  tunnels_.Shut({2, 4, 9}, {.reason = telemetry::CloseReason::kRequested});
  EXPECT_THAT(ListedBy({}), UnorderedElementsAre(1, 3));
  const auto requested = static_cast<size_t>(telemetry::CloseReason::kRequested);
  EXPECT_EQ(stats_.Route("web", "ws", "chat")->tunnels_closed[requested].value(), 2U);
}

TEST_F(TunnelTableTest, WhoIsTakingLeaveGoesAsHeWasToldFirst) {
  rules_ = std::make_shared<websocket::Rules>();
  for (int i = 0; i < 10; ++i) Open("ws", first_);
  tunnels_.Shut({2, 4, 6}, {.reason = telemetry::CloseReason::kDrained, .code = 1001});
  EXPECT_EQ(tunnels_.size(), 10u);
  tunnels_.Shut({1, 2, 4}, {.reason = telemetry::CloseReason::kRequested, .code = 1012});
  int first = 0, second = 0;
  for (testing::ScriptedPeer& peer : peers_) {
    first += peer.received() == std::string("\x88\x02\x03\xE9");
    second += peer.received() == std::string("\x88\x02\x03\xF4");
  }
  EXPECT_EQ(first, 3) << "each client once";
  EXPECT_EQ(second, 1);
  EXPECT_THAT(tunnels_.StillOpen({1, 2, 3, 99}), UnorderedElementsAre(1, 2, 3));
  for (testing::ScriptedPeer& peer : peers_) peer.Break(stream::Failure::kReset);
  EXPECT_EQ(tunnels_.size(), 0u);
  EXPECT_THAT(tunnels_.StillOpen({1, 2, 3}), IsEmpty());
}

}  // namespace
}  // namespace fairlead::proxy
