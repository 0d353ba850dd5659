#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "pkg/control/control_server_test.h"

namespace fairlead::control {
namespace {

using testing::HasSubstr;

class TunnelServiceTest : public ControlServerTest {};

TEST_F(TunnelServiceTest, ListsTunnels) {
  data_plane_.rows.resize(2);
  data_plane_.rows[0].id = 2;
  data_plane_.rows[1].id = 1;
  data_plane_.rows[1].key = {.key = 255};
  data_plane_.rows[1].placement = endpoint::Placement::kMisplaced;
  data_plane_.rows[1].conversation = {.messages_from_client = 3,
                                      .client_ping_rtt = std::chrono::microseconds(1500)};
  v1::ListTunnelsRequest request;
  request.mutable_filter()->set_cluster("chat");
  request.mutable_filter()->add_ids("0000000000000001");
  request.mutable_filter()->set_placement(v1::PLACEMENT_MISPLACED);
  grpc::ClientContext context;
  v1::ListTunnelsResponse response;
  ASSERT_TRUE(tunnels_->ListTunnels(&context, request, &response).ok());
  EXPECT_EQ(data_plane_.asked.cluster, "chat");
  EXPECT_THAT(data_plane_.asked.ids, testing::ElementsAre(1));
  EXPECT_EQ(data_plane_.asked.placement, endpoint::Placement::kMisplaced);
  EXPECT_EQ(response.total(), 2);
  const v1::Tunnel& websocket = response.tunnels(0);
  EXPECT_EQ(websocket.id(), "0000000000000001");
  EXPECT_EQ(websocket.key(), "00000000000000ff");
  EXPECT_EQ(websocket.placement(), v1::PLACEMENT_MISPLACED);
  EXPECT_EQ(websocket.messages_received(), 3U);
  EXPECT_EQ(websocket.client_ping_rtt().nanos(), 1'500'000);
  EXPECT_FALSE(websocket.has_backend_ping_rtt());
  EXPECT_FALSE(response.tunnels(1).has_messages_received());
  EXPECT_EQ(response.tunnels(1).key(), "");
}

TEST_F(TunnelServiceTest, TakesSoManyIdsAndNoMore) {
  v1::ListTunnelsRequest list;
  v1::CloseTunnelsRequest close;
  const std::string id = "0000000000000001";
  for (int i = 0; i <= 10'000; ++i) list.mutable_filter()->add_ids(id);
  *close.mutable_selector() = list.filter();
  grpc::ClientContext list_context, close_context, fewer_context;
  v1::ListTunnelsResponse listed;
  v1::CloseTunnelsResponse closed;
  EXPECT_EQ(BadRequestOf(tunnels_->ListTunnels(&list_context, list, &listed)).field_violations(0).field(),
            "filter.ids");
  EXPECT_EQ(BadRequestOf(tunnels_->CloseTunnels(&close_context, close, &closed)).field_violations(0).field(),
            "selector.ids");
  list.mutable_filter()->mutable_ids()->RemoveLast();
  EXPECT_TRUE(tunnels_->ListTunnels(&fewer_context, list, &listed).ok());
}

TEST_F(TunnelServiceTest, ClosesOnlyTunnelsThatAreNamed) {
  grpc::ClientContext empty_context, context;
  v1::CloseTunnelsRequest request;
  v1::CloseTunnelsResponse response;
  EXPECT_EQ(tunnels_->CloseTunnels(&empty_context, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(data_plane_.asked_rate, -1);
  request.mutable_selector()->set_route("ws");
  for (const double rate : {-1.0, 1e-300, 0.0009, 1000001.0}) {
    grpc::ClientContext refused;
    request.set_rate(rate);
    EXPECT_THAT(tunnels_->CloseTunnels(&refused, request, &response).error_message(), HasSubstr("rate"))
        << rate;
  }
  request.set_rate(5);
  EXPECT_TRUE(tunnels_->CloseTunnels(&context, request, &response).ok());
  EXPECT_EQ(data_plane_.asked_rate, 5);
  EXPECT_EQ(response.drain_id(), 5u);
  EXPECT_EQ(data_plane_.asked_order.code, 1012);
  EXPECT_EQ(data_plane_.asked_order.text, "");
}

TEST_F(TunnelServiceTest, ClosesTunnelsWithTheCodeAndWordsGiven) {
  grpc::ClientContext good_context, bad_context, long_context;
  v1::CloseTunnelsRequest request;
  v1::CloseTunnelsResponse response;
  request.mutable_selector()->set_route("ws");
  request.set_close_code(4001);
  request.set_reason("moved");
  EXPECT_TRUE(tunnels_->CloseTunnels(&good_context, request, &response).ok());
  EXPECT_EQ(data_plane_.asked_order.code, 4001);
  EXPECT_EQ(data_plane_.asked_order.text, "moved");
  request.set_close_code(1006);
  EXPECT_EQ(tunnels_->CloseTunnels(&bad_context, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  request.set_close_code(1001);
  request.set_reason(std::string(124, 'x'));
  EXPECT_EQ(tunnels_->CloseTunnels(&long_context, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TunnelServiceTest, LogsWhatItRefusesToDoToTunnels) {
  grpc::ClientContext context;
  v1::CloseTunnelsResponse response;
  testing::internal::CaptureStdout();
  EXPECT_FALSE(tunnels_->CloseTunnels(&context, {}, &response).ok());
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("control: CloseTunnels by push:uid="));
}

TEST_F(TunnelServiceTest, ShowsDrainsAndCommandsThem) {
  data_plane_.drains = {{.id = 7,
                         .cause = drain::Cause::kEndpoint,
                         .cluster = "chat",
                         .endpoint = "chat-0",
                         .route = "",
                         .close_code = 1012,
                         .rate = 2.5,
                         .progress = {.state = drain::State::kPaused, .total = 30, .told = 20, .gone = 10},
                         .began = base::WallTime(std::chrono::seconds(99))}};
  grpc::ClientContext list_context;
  v1::ListDrainsResponse listed;
  ASSERT_TRUE(tunnels_->ListDrains(&list_context, {}, &listed).ok());
  ASSERT_EQ(listed.drains_size(), 1);
  EXPECT_THAT(
      listed.drains(0).ShortDebugString(),
      testing::StrEq(
          "id: 7 cluster: \"chat\" endpoint: \"chat-0\" state: DRAIN_STATE_PAUSED total: 30 "
          "told: 20 gone: 10 began_at { seconds: 99 } cause: DRAIN_CAUSE_ENDPOINT close_code: 1012 rate: 2.5 "
          "remaining: 20"));
  const auto pause = [this](uint64_t id) {
    grpc::ClientContext context;
    v1::PauseDrainRequest request;
    request.set_id(id);
    v1::PauseDrainResponse response;
    return tunnels_->PauseDrain(&context, request, &response);
  };
  EXPECT_TRUE(pause(7).ok());
  EXPECT_EQ(data_plane_.commanded, std::pair(uint64_t{7}, drain::Command::kPause));
  EXPECT_EQ(pause(8).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(InfoOf(pause(8)).reason(), "NOT_FOUND");
  grpc::ClientContext resume_context, cancel_context;
  v1::ResumeDrainRequest resume;
  resume.set_id(7);
  v1::ResumeDrainResponse resumed;
  EXPECT_TRUE(tunnels_->ResumeDrain(&resume_context, resume, &resumed).ok());
  EXPECT_EQ(data_plane_.commanded.second, drain::Command::kResume);
  v1::CancelDrainRequest cancel;
  cancel.set_id(7);
  v1::CancelDrainResponse cancelled;
  EXPECT_TRUE(tunnels_->CancelDrain(&cancel_context, cancel, &cancelled).ok());
  EXPECT_EQ(data_plane_.commanded.second, drain::Command::kCancel);
}

TEST_F(TunnelServiceTest, ShowsOneDrain) {
  data_plane_.drains.resize(2);
  data_plane_.drains[0].id = 7;
  data_plane_.drains[1].id = 6;
  data_plane_.drains[1].cause = drain::Cause::kRoute;
  data_plane_.drains[1].route = "ws";
  grpc::ClientContext context, lost_context;
  v1::GetDrainRequest request;
  v1::GetDrainResponse response;
  request.set_id(6);
  ASSERT_TRUE(tunnels_->GetDrain(&context, request, &response).ok());
  EXPECT_EQ(response.drain().route(), "ws");
  EXPECT_EQ(response.drain().cause(), v1::DRAIN_CAUSE_ROUTE);
  request.set_id(5);
  EXPECT_EQ(tunnels_->GetDrain(&lost_context, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(TunnelServiceTest, StartsARebalance) {
  const auto ask = [this](const v1::StartRebalanceRequest& request, v1::StartRebalanceResponse* response) {
    grpc::ClientContext context;
    return tunnels_->StartRebalance(&context, request, response);
  };
  data_plane_.rebalanced = {.max_over_mean = 1.5, .target = 1.2, .moves = 30, .drain_id = 9};
  v1::StartRebalanceRequest request;
  v1::StartRebalanceResponse response;
  request.set_cluster("chat");
  request.set_target(1.2);
  request.set_dry_run(true);
  ASSERT_TRUE(ask(request, &response).ok());
  EXPECT_EQ(data_plane_.asked_rebalance, std::tuple("chat", 1200u, true));
  EXPECT_EQ(response.ShortDebugString(), "max_over_mean: 1.5 target: 1.2 moves: 30 drain_id: 9");
  request.set_target(0);
  ASSERT_TRUE(ask(request, &response).ok());
  EXPECT_EQ(std::get<1>(data_plane_.asked_rebalance), std::nullopt);
  request.set_target(0.5);
  EXPECT_EQ(BadRequestOf(ask(request, &response)).field_violations(0).field(), "target");
  EXPECT_THAT(ask(request, &response).error_message(), HasSubstr("target: 0.5 is out of range"));
  request.set_target(1.2345);
  EXPECT_THAT(ask(request, &response).error_message(), HasSubstr("target: 1.2345 is too fine"));
  request.set_target(0);
  using enum drain::RebalanceAnswer::Verdict;
  data_plane_.rebalanced.verdict = kNoCluster;
  EXPECT_EQ(BadRequestOf(ask(request, &response)).field_violations(0).field(), "cluster");
  EXPECT_THAT(ask(request, &response).error_message(), HasSubstr("\"chat\""));
  for (const auto& [verdict, reason] :
       {std::pair(kHashes, "PLACES_BY_KEY"), std::pair(kRoundRobin, "PLACES_IN_TURN"),
        std::pair(kSticky, "HAS_STICKY_COOKIE"), std::pair(kUnderWay, "UNDER_WAY"),
        std::pair(kResting, "RESTING")}) {
    data_plane_.rebalanced.verdict = verdict;
    const grpc::Status status = ask(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(InfoOf(status).reason(), reason);
  }
}

TEST_F(TunnelServiceTest, LogsWhatCameOfADrainCall) {
  data_plane_.drains.resize(1);
  data_plane_.drains[0].id = 7;
  const auto said_of_cancel = [this](uint64_t id) {
    grpc::ClientContext context;
    v1::CancelDrainRequest request;
    request.set_id(id);
    v1::CancelDrainResponse response;
    testing::internal::CaptureStdout();
    tunnels_->CancelDrain(&context, request, &response);
    return testing::internal::GetCapturedStdout();
  };
  EXPECT_THAT(said_of_cancel(7), testing::ContainsRegex("control: CancelDrain 7 by push:uid=[0-9]+: done"));
  EXPECT_THAT(said_of_cancel(8),
              testing::ContainsRegex("CancelDrain 8 by push:uid=[0-9]+: refused: no drain 8"));

  const auto said_of_rebalance = [this](const v1::StartRebalanceRequest& request) {
    grpc::ClientContext context;
    v1::StartRebalanceResponse response;
    testing::internal::CaptureStdout();
    tunnels_->StartRebalance(&context, request, &response);
    return testing::internal::GetCapturedStdout();
  };
  v1::StartRebalanceRequest request;
  request.set_cluster("chat");
  data_plane_.rebalanced = {.moves = 30, .drain_id = 9};
  EXPECT_THAT(said_of_rebalance(request), HasSubstr(": 30 to move, drain 9"));
  data_plane_.rebalanced.verdict = drain::RebalanceAnswer::Verdict::kResting;
  EXPECT_THAT(said_of_rebalance(request), HasSubstr(": refused: cluster chat was rebalanced"));
  request.set_target(11);
  EXPECT_THAT(said_of_rebalance(request), HasSubstr(": refused: target: 11 is out of range"));
}

TEST_F(TunnelServiceTest, StartsTheDrain) {
  grpc::ClientContext context;
  v1::StartDrainResponse response;
  ASSERT_TRUE(tunnels_->StartDrain(&context, {}, &response).ok());
  EXPECT_TRUE(data_plane_.drained);
}

TEST_F(TunnelServiceTest, ExplainsWhereARequestWouldGo) {
  grpc::ClientContext context, lost_context;
  v1::ExplainRequest request;
  request.set_path("/ws/room?x=1");
  v1::ExplainResponse response;
  ASSERT_TRUE(tunnels_->Explain(&context, request, &response).ok());
  EXPECT_EQ(response.route(), "ws");
  EXPECT_EQ(response.cluster(), "chat");
  EXPECT_THAT(response.endpoint(), testing::AnyOf("a", "b"));
  EXPECT_EQ(response.passed_over_size(), 0);
  request.set_path("/elsewhere");
  ASSERT_TRUE(tunnels_->Explain(&lost_context, request, &response).ok());
  EXPECT_EQ(response.route(), "");
  EXPECT_THAT(response.steps(response.steps_size() - 1), HasSubstr("404"));
}

TEST_F(TunnelServiceTest, ExplainsWhereAKeyIsPlaced) {
  const auto ask = [this](const std::string& cluster, const std::string& key, v1::ExplainResponse* response) {
    grpc::ClientContext context;
    v1::ExplainRequest request;
    request.set_cluster(cluster);
    request.set_key(key);
    return tunnels_->Explain(&context, request, response);
  };
  v1::ExplainResponse response;
  const grpc::Status status = ask("chat", "00000000000000ff", &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.cluster(), "chat");
  EXPECT_EQ(response.key(), "00000000000000ff");
  EXPECT_EQ(response.route(), "");
  EXPECT_THAT(response.endpoint(), testing::AnyOf("a", "b"));
  EXPECT_EQ(BadRequestOf(ask("chat", "", &response)).field_violations(0).field(), "key");
  EXPECT_EQ(BadRequestOf(ask("", "00000000000000ff", &response)).field_violations(0).field(), "cluster");
}

TEST_F(TunnelServiceTest, ExplainsNoRequestThatWouldNotBeRouted) {
  const auto field = [this](std::string_view method, std::string_view host, std::string_view path,
                            std::string_view header) {
    grpc::ClientContext context;
    v1::ExplainRequest request;
    request.set_method(std::string(method));
    request.set_host(std::string(host));
    request.set_path(std::string(path));
    if (!header.empty()) (*request.mutable_headers())["x-tenant"] = std::string(header);
    v1::ExplainResponse response;
    const grpc::Status status = tunnels_->Explain(&context, request, &response);
    if (status.ok()) return std::string();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return BadRequestOf(status).field_violations(0).field();
  };
  EXPECT_EQ(field("", "", "", ""), "");
  EXPECT_EQ(field("POST", "chat.example.com:80", "/ws?x=1", "a b"), "");
  EXPECT_EQ(field("OPTIONS", "a", "*", ""), "");
  for (const char* method : {"get x", "GET\r\n", "CONNECT"}) EXPECT_EQ(field(method, "a", "/", ""), "method");
  for (const char* host : {"a b", "a\r\nX: y", "user@a"}) EXPECT_EQ(field("", host, "/", ""), "host");
  for (const std::string& path :
       {std::string("/../x"), std::string("/a b"), std::string("x"), std::string("/\r\nX: y"),
        std::string("*"), "/" + std::string(100'000, 'a')}) {
    EXPECT_EQ(field("", "a", path, ""), "path") << path.substr(0, 20);
  }
  EXPECT_EQ(field("", "a", "/", "a\r\nX: y"), "headers");
  EXPECT_EQ(field("", "a", "/", std::string(100'000, 'a')), "headers");
}

}  // namespace
}  // namespace fairlead::control
