#include <gmock/gmock.h>

#include "google/protobuf/unknown_field_set.h"
#include "pkg/control/control_server_test.h"

namespace fairlead::control {
namespace {

using testing::HasSubstr;

class ConfigServiceTest : public ControlServerTest {};

TEST_F(ConfigServiceTest, ShowsTheConfiguration) {
  const v1::GetConfigResponse response = Get();
  EXPECT_EQ(response.revision(), 1U);
  EXPECT_NE(response.etag(), "");
  ASSERT_EQ(response.config().clusters_size(), 1);
  EXPECT_EQ(response.config().clusters(0).endpoints_size(), 2);
}

TEST_F(ConfigServiceTest, AppliesWhatItShowed) {
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

TEST_F(ConfigServiceTest, NamesFieldsAsTheyStandInTheRequest) {
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

TEST_F(ConfigServiceTest, PatchesEndpoints) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.add_remove_ids("a");
  v1::PatchEndpointsResponse response;
  const grpc::Status status = Patch(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.result().impact().clusters_size(), 1);
  EXPECT_EQ(response.result().impact().clusters(0).endpoints_added(0), "c");
  EXPECT_EQ(response.result().impact().clusters(0).endpoints_removed(0), "a");
}

TEST_F(ConfigServiceTest, ShowsTheEtagOfEachClustersEndpoints) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->set_etag(Get().membership_etags().at("chat"));
  v1::PatchEndpointsResponse response;
  const grpc::Status status = Patch(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Get().membership_etags().at("chat"), response.result().etag());
  EXPECT_EQ(Patch(request, &response).error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(ConfigServiceTest, OnlyChecksWhenAskedTo) {
  const std::string before = Get().SerializeAsString();
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->set_validate_only(true);
  v1::PatchEndpointsResponse response;
  ASSERT_TRUE(Patch(request, &response).ok());
  EXPECT_EQ(response.result().impact().clusters(0).endpoints_added(0), "c");
  EXPECT_EQ(Get().SerializeAsString(), before);
}

TEST_F(ConfigServiceTest, NamesTheFieldsThatAreWrong) {
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

TEST_F(ConfigServiceTest, RefusesFieldsItDoesNotKnow) {
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

TEST_F(ConfigServiceTest, SaysWhenSomebodyWasFirst) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->set_etag("old");
  v1::PatchEndpointsResponse response;
  const grpc::Status status = Patch(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(InfoOf(status).reason(), "STALE");
}

TEST_F(ConfigServiceTest, RepeatsTheAnswerToARepeatedRequest) {
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->set_request_id("7b1c6a0e-0b0f-4c53-9d5c-5d9f2d6c8c55");
  v1::PatchEndpointsResponse first, second;
  ASSERT_TRUE(Patch(request, &first).ok());
  ASSERT_TRUE(Patch(request, &second).ok());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  request.mutable_upsert(0)->set_weight(7);
  EXPECT_EQ(Patch(request, &second).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ConfigServiceTest, RefusesAnOverrideOutOfRange) {
  for (const int64_t seconds : {int64_t{-1}, int64_t{86'401}, INT64_MAX}) {
    v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
    request.mutable_options()->mutable_override_owner_for()->set_seconds(seconds);
    v1::PatchEndpointsResponse response;
    EXPECT_EQ(Patch(request, &response).error_code(), grpc::StatusCode::INVALID_ARGUMENT) << seconds;
  }
}

TEST_F(ConfigServiceTest, UpdatesThePolicyOfACluster) {
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

TEST_F(ConfigServiceTest, ListsRevisionsPageByPageAndRollsBack) {
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

}  // namespace
}  // namespace fairlead::control
