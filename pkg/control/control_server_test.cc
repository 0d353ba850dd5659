#include "pkg/control/control_server.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "fairlead/control/v1/config_service.grpc.pb.h"
#include "fairlead/control/v1/status_service.grpc.pb.h"
#include "fairlead/control/v1/tunnel_service.grpc.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "pkg/control/control_test.h"

namespace fairlead::control {
namespace {

using testing::HasSubstr;

google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_GT(details.details_size(), 0);
  if (details.details_size() > 0) details.details(0).UnpackTo(&info);
  return info;
}

google::rpc::BadRequest BadRequestOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::BadRequest bad;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.details_size(), 2);
  if (details.details_size() == 2) details.details(1).UnpackTo(&bad);
  return bad;
}

// A server on a unix socket, and a client of it.
class ControlServerTest : public testing::Test {
 protected:
  ControlServerTest()
      : applier_("{owner: PUSH, address: \"unix:" + directory_.Path("own/control.sock") + "\"}") {
    auto server = ControlServer::Start(BackingOf());
    EXPECT_TRUE(server.ok()) << std::string(server.status().message());
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address().ToString(), grpc::InsecureChannelCredentials());
    config_ = v1::ConfigService::NewStub(channel_);
    status_ = v1::StatusService::NewStub(channel_);
    tunnels_ = v1::TunnelService::NewStub(channel_);
  }

  Backing BackingOf() {
    return {.applier = applier_.applier.get(),
            .data_plane = &data_plane_,
            .bootstrap = &applier_.bootstrap,
            .fleet_status = nullptr};
  }

  v1::GetConfigResponse Get() {
    grpc::ClientContext context;
    v1::GetConfigResponse response;
    const grpc::Status status = config_->GetConfig(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  grpc::Status Patch(const v1::PatchEndpointsRequest& request, v1::PatchEndpointsResponse* response) {
    grpc::ClientContext context;
    return config_->PatchEndpoints(&context, request, response);
  }

  static v1::PatchEndpointsRequest Adding(const std::string& id, const std::string& address) {
    v1::PatchEndpointsRequest request;
    request.set_cluster("chat");
    config::v1::Endpoint& endpoint = *request.add_upsert();
    endpoint.set_id(id);
    endpoint.set_address(address);
    return request;
  }

  TemporaryDirectory directory_;
  TestApplier applier_;
  FakeDataPlane data_plane_;
  std::unique_ptr<ControlServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ConfigService::Stub> config_;
  std::unique_ptr<v1::StatusService::Stub> status_;
  std::unique_ptr<v1::TunnelService::Stub> tunnels_;
};

TEST_F(ControlServerTest, KeepsItsSocketToItsUser) {
  struct stat found {};
  ASSERT_EQ(::stat(directory_.Path("own").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700);
  ASSERT_EQ(::stat(directory_.Path("own/control.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600);
}

TEST_F(ControlServerTest, RefusesASocketThatIsServed) {
  const auto second = ControlServer::Start(BackingOf());
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("control.sock"));
}

// Sends one message, as bytes.
grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                           const std::string& message, grpc::ByteBuffer* response) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice slice(message);
  const grpc::ByteBuffer request(&slice, 1);
  const auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_TRUE(queue.Next(&tag, &ok));
  return status;
}

// What a method answers to one message, as bytes: for services that come with gRPC and without stubs.
std::string CallGeneric(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& message) {
  grpc::ByteBuffer response;
  const grpc::Status status = CallWithBytes(channel, method, message, &response);
  EXPECT_TRUE(status.ok()) << method << ": " << status.error_message();
  grpc::Slice answer;
  if (!response.DumpToSingleSlice(&answer).ok()) return {};
  return {reinterpret_cast<const char*>(answer.begin()), answer.size()};
}

TEST_F(ControlServerTest, AnswersHealthChecks) {
  // HealthCheckResponse.status = SERVING.
  EXPECT_EQ(CallGeneric(channel_, "/grpc.health.v1.Health/Check", ""), "\x08\x01");
}

TEST_F(ControlServerTest, NamesItsServicesByReflection) {
  // ServerReflectionRequest.list_services = "".
  const std::string answer = CallGeneric(
      channel_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string("\x3a\x00", 2));
  for (const char* name : {"ConfigService", "StatusService", "TunnelService"}) {
    EXPECT_THAT(answer, HasSubstr(std::string("fairlead.control.v1.") + name));
  }
}

TEST_F(ControlServerTest, SaysThatBytesAreNoRequest) {
  grpc::ByteBuffer response;
  for (const char* method :
       {"ConfigService/ApplyConfig", "TunnelService/Explain", "StatusService/GetStatus"}) {
    const grpc::Status status =
        CallWithBytes(channel_, std::string("/fairlead.control.v1.") + method, "\xff\xff", &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_THAT(status.error_message(), HasSubstr("no message of this method")) << method;
  }
  EXPECT_EQ(
      CallWithBytes(channel_, "/fairlead.control.v1.ConfigService/Nonsense", "", &response).error_code(),
      grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(ControlServerTest, ShowsTheConfiguration) {
  const v1::GetConfigResponse response = Get();
  EXPECT_EQ(response.revision(), 1U);
  EXPECT_NE(response.etag(), "");
  ASSERT_EQ(response.config().clusters_size(), 1);
  EXPECT_EQ(response.config().clusters(0).endpoints_size(), 2);
}

TEST_F(ControlServerTest, AppliesWhatItShowed) {
  v1::ApplyConfigRequest request;
  *request.mutable_config() = Get().config();
  request.mutable_config()->mutable_virtual_hosts(0)->mutable_routes(0)->set_name("renamed");
  request.mutable_options()->set_etag(Get().etag());
  grpc::ClientContext context;
  v1::ApplyConfigResponse response;
  const grpc::Status status = config_->ApplyConfig(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.result().revision(), 2U);
  EXPECT_EQ(Get().config().virtual_hosts(0).routes(0).name(), "renamed");
  EXPECT_EQ(Get().etag(), response.result().etag());
}

TEST_F(ControlServerTest, NamesFieldsAsTheyStandInTheRequest) {
  v1::ApplyConfigRequest request;
  *request.mutable_config() = Get().config();
  config::v1::Listener& listener = *request.mutable_config()->add_listeners();
  listener.set_name("foreign");
  listener.set_address("192.0.2.1:80");
  grpc::ClientContext context;
  v1::ApplyConfigResponse response;
  const grpc::Status status = config_->ApplyConfig(&context, request, &response);
  EXPECT_EQ(BadRequestOf(status).field_violations(0).field(), "config.listeners[1].address");
  EXPECT_THAT(status.error_message(), HasSubstr("config.listeners[1].address: "));
}

TEST_F(ControlServerTest, PatchesEndpoints) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.add_remove_ids("a");
  v1::PatchEndpointsResponse response;
  const grpc::Status status = Patch(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.result().impact().clusters_size(), 1);
  EXPECT_EQ(response.result().impact().clusters(0).endpoints_added(0), "c");
  EXPECT_EQ(response.result().impact().clusters(0).endpoints_removed(0), "a");
}

TEST_F(ControlServerTest, ShowsTheEtagOfEachClustersEndpoints) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->set_etag(Get().membership_etags().at("chat"));
  v1::PatchEndpointsResponse response;
  const grpc::Status status = Patch(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Get().membership_etags().at("chat"), response.result().etag());
  EXPECT_EQ(Patch(request, &response).error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(ControlServerTest, SaysWhoHasTakenTheConfigurationOver) {
  grpc::ClientContext before_context, after_context;
  v1::GetStatusResponse response;
  ASSERT_TRUE(status_->GetStatus(&before_context, {}, &response).ok());
  EXPECT_EQ(response.status().overridden_by(), "");
  EXPECT_FALSE(response.status().has_overridden_until());
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->mutable_override_owner_for()->set_seconds(600);
  v1::PatchEndpointsResponse patched;
  testing::internal::CaptureStdout();
  ASSERT_TRUE(Patch(request, &patched).ok());
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              HasSubstr(", overriding the owner for 10m: revision 2"));
  ASSERT_TRUE(status_->GetStatus(&after_context, {}, &response).ok());
  EXPECT_THAT(response.status().overridden_by(), HasSubstr("push:uid="));
  EXPECT_GT(response.status().overridden_until().seconds(), 0);
}

TEST_F(ControlServerTest, LogsWhatItRefusesToDoToTunnels) {
  grpc::ClientContext context;
  v1::CloseTunnelsResponse response;
  testing::internal::CaptureStdout();
  EXPECT_FALSE(tunnels_->CloseTunnels(&context, {}, &response).ok());
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("control: CloseTunnels by push:uid="));
}

TEST_F(ControlServerTest, LogsWhatCameOfADrainCall) {
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

TEST_F(ControlServerTest, OnlyChecksWhenAskedTo) {
  const std::string before = Get().SerializeAsString();
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->set_validate_only(true);
  v1::PatchEndpointsResponse response;
  ASSERT_TRUE(Patch(request, &response).ok());
  EXPECT_EQ(response.result().impact().clusters(0).endpoints_added(0), "c");
  EXPECT_EQ(Get().SerializeAsString(), before);
}

TEST_F(ControlServerTest, NamesTheFieldsThatAreWrong) {
  const std::string before = Get().SerializeAsString();
  v1::PatchEndpointsResponse response;
  const grpc::Status status = Patch(Adding("c", "nowhere"), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(InfoOf(status).reason(), "INVALID");
  EXPECT_EQ(InfoOf(status).domain(), "fairlead");
  EXPECT_EQ(BadRequestOf(status).field_violations(0).field(), "upsert[0].address");
  EXPECT_EQ(Get().SerializeAsString(), before);
  EXPECT_EQ(applier_.stats.config_push_rejected(), 1U);
  EXPECT_THAT(applier_.applier->status().last_rejection, HasSubstr("upsert[0].address"));
}

TEST_F(ControlServerTest, RefusesFieldsItDoesNotKnow) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(99, 1);
  google::protobuf::Message* const endpoint = request.mutable_upsert(0);
  endpoint->GetReflection()->MutableUnknownFields(endpoint)->AddVarint(77, 1);
  v1::PatchEndpointsResponse response;
  const grpc::Status status = Patch(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(BadRequestOf(status).field_violations_size(), 2);
  EXPECT_THAT(BadRequestOf(status).DebugString(), HasSubstr("upsert[0]"));
}

TEST_F(ControlServerTest, SaysWhenSomebodyWasFirst) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->set_etag("old");
  v1::PatchEndpointsResponse response;
  const grpc::Status status = Patch(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(InfoOf(status).reason(), "STALE");
}

TEST_F(ControlServerTest, RepeatsTheAnswerToARepeatedRequest) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->set_request_id("7b1c6a0e-0b0f-4c53-9d5c-5d9f2d6c8c55");
  v1::PatchEndpointsResponse first, second;
  ASSERT_TRUE(Patch(request, &first).ok());
  ASSERT_TRUE(Patch(request, &second).ok());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  request.mutable_upsert(0)->set_weight(7);
  EXPECT_EQ(Patch(request, &second).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ControlServerTest, RefusesAnOverrideOutOfRange) {
  for (const int64_t seconds : {int64_t{-1}, int64_t{86'401}, INT64_MAX}) {
    v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
    request.mutable_options()->mutable_override_owner_for()->set_seconds(seconds);
    v1::PatchEndpointsResponse response;
    EXPECT_EQ(Patch(request, &response).error_code(), grpc::StatusCode::INVALID_ARGUMENT) << seconds;
  }
}

TEST_F(ControlServerTest, UpdatesThePolicyOfACluster) {
  v1::UpdateClusterRequest request;
  request.mutable_cluster()->set_name("chat");
  request.mutable_cluster()->mutable_load_balancing()->set_policy(config::v1::LOAD_BALANCING_POLICY_MAGLEV);
  grpc::ClientContext unmasked_context, context;
  v1::UpdateClusterResponse response;
  EXPECT_EQ(config_->UpdateCluster(&unmasked_context, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  request.mutable_update_mask()->add_paths("load_balancing.policy");
  const grpc::Status status = config_->UpdateCluster(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Get().config().clusters(0).load_balancing().policy(), config::v1::LOAD_BALANCING_POLICY_MAGLEV);
}

TEST_F(ControlServerTest, ListsRevisionsPageByPageAndRollsBack) {
  v1::PatchEndpointsResponse patched;
  v1::UpdateClusterRequest update;
  update.mutable_cluster()->set_name("chat");
  update.mutable_cluster()->mutable_load_balancing()->set_policy(
      config::v1::LOAD_BALANCING_POLICY_LEAST_CONNECTIONS);
  update.mutable_update_mask()->add_paths("load_balancing.policy");
  grpc::ClientContext update_context, first_context, second_context, rollback_context;
  v1::UpdateClusterResponse updated;
  ASSERT_TRUE(config_->UpdateCluster(&update_context, update, &updated).ok());

  v1::ListRevisionsRequest list;
  list.set_page_size(1);
  v1::ListRevisionsResponse page;
  ASSERT_TRUE(config_->ListRevisions(&first_context, list, &page).ok());
  ASSERT_EQ(page.revisions_size(), 1);
  EXPECT_EQ(page.revisions(0).revision(), 2U);
  EXPECT_THAT(page.revisions(0).source(), HasSubstr("push:uid="));
  list.set_page_token(page.next_page_token());
  ASSERT_TRUE(config_->ListRevisions(&second_context, list, &page).ok());
  ASSERT_EQ(page.revisions_size(), 1);
  EXPECT_EQ(page.revisions(0).revision(), 1U);
  EXPECT_EQ(page.next_page_token(), "");
  for (const char* token : {"x", "1x", "-1", "99999999999999999999999"}) {
    grpc::ClientContext context;
    list.set_page_token(token);
    EXPECT_EQ(config_->ListRevisions(&context, list, &page).error_code(), grpc::StatusCode::INVALID_ARGUMENT)
        << token;
  }

  v1::RollbackConfigRequest rollback;
  rollback.set_revision(1);
  v1::RollbackConfigResponse rolled;
  const grpc::Status status = config_->RollbackConfig(&rollback_context, rollback, &rolled);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(rolled.result().revision(), 3U);
  EXPECT_EQ(Get().config().clusters(0).load_balancing().policy(),
            config::v1::LOAD_BALANCING_POLICY_ROUND_ROBIN);
}

TEST_F(ControlServerTest, TellsItsStatusAndWhenItChanges) {
  grpc::ClientContext context;
  const auto watch = status_->WatchStatus(&context, {});
  v1::WatchStatusResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status().owner(), "PUSH");
  EXPECT_EQ(seen.status().revision(), 1U);
  v1::PatchEndpointsResponse response;
  ASSERT_TRUE(Patch(Adding("c", "127.0.0.1:9003"), &response).ok());
  while (seen.status().installed_revision() < 2) ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status().revision(), 2U);
}

TEST_F(ControlServerTest, ShowsTheDrainsThatAreUnderWay) {
  data_plane_.drains.resize(2);
  data_plane_.drains[0].id = 8;
  data_plane_.drains[0].progress = {.state = drain::State::kRunning, .total = 30, .told = 20};
  data_plane_.drains[1].id = 7;
  data_plane_.drains[1].progress = {.state = drain::State::kDone, .total = 5, .gone = 5};
  grpc::ClientContext context;
  const auto watch = status_->WatchStatus(&context, {});
  v1::WatchStatusResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  ASSERT_EQ(seen.status().drains_size(), 1);
  EXPECT_EQ(seen.status().drains(0).id(), 8u);
  EXPECT_EQ(seen.status().drains(0).remaining(), 30);
}

TEST_F(ControlServerTest, EndsItsWatchersWhenItGoes) {
  grpc::ClientContext context;
  const auto watch = status_->WatchStatus(&context, {});
  v1::WatchStatusResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  server_.reset();
  while (watch->Read(&seen)) {
  }
  EXPECT_FALSE(watch->Finish().ok());
}

TEST_F(ControlServerTest, ListsTunnels) {
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

TEST_F(ControlServerTest, TakesSoManyIdsAndNoMore) {
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

TEST_F(ControlServerTest, ClosesOnlyTunnelsThatAreNamed) {
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

TEST_F(ControlServerTest, ShowsDrainsAndCommandsThem) {
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

TEST_F(ControlServerTest, ShowsOneDrain) {
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

TEST_F(ControlServerTest, StartsARebalance) {
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

TEST_F(ControlServerTest, ClosesTunnelsWithTheCodeAndWordsGiven) {
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

TEST_F(ControlServerTest, ExplainsWhereARequestWouldGo) {
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

TEST_F(ControlServerTest, ExplainsWhereAKeyIsPlaced) {
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

TEST_F(ControlServerTest, ExplainsNoRequestThatWouldNotBeRouted) {
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

TEST_F(ControlServerTest, StartsTheDrain) {
  grpc::ClientContext context;
  v1::StartDrainResponse response;
  ASSERT_TRUE(tunnels_->StartDrain(&context, {}, &response).ok());
  EXPECT_TRUE(data_plane_.drained);
}

}  // namespace
}  // namespace fairlead::control
