#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "fairlead/control/v1/config_service.grpc.pb.h"
#include "fairlead/control/v1/status_service.grpc.pb.h"
#include "fairlead/control/v1/tunnel_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "pkg/control/control_server.h"
#include "pkg/control/control_test.h"

namespace fairlead::control {

inline google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_GT(details.details_size(), 0);
  if (details.details_size() > 0) details.details(0).UnpackTo(&info);
  return info;
}

inline google::rpc::BadRequest BadRequestOf(const grpc::Status& status) {
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

}  // namespace fairlead::control
