// Whatever message comes to the control API: what is refused leaves the configuration as it is and says so in
// one of the documented ways; what is applied is a configuration that can be had back.
//
// The services themselves are called, with an apply thread behind them; gRPC and its sockets are left out.
// The input is a sequence of calls: a byte for the method, two for a length, and as many bytes of the
// request.

#include <grpcpp/grpcpp.h>
#include <grpcpp/test/default_reactor_test_peer.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "fairlead/control/v1/config_service.grpc.pb.h"
#include "fairlead/control/v1/fleet_service.pb.h"
#include "fairlead/control/v1/tunnel_service.grpc.pb.h"
#include "pkg/config/messages.h"
#include "pkg/control/call.h"
#include "pkg/control/control_test.h"
#include "pkg/control/fleet_update.h"

namespace {

namespace config = fairlead::config;
namespace control = fairlead::control;
namespace v1 = fairlead::control::v1;
using fairlead::apply::InForce;
using grpc::StatusCode;

void Require(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << what << "\n";
  std::abort();
}

constexpr size_t kCalls = 6;

// A proxy without traffic, and its services.
class Proxy {
 public:
  Proxy() : applier_("{owner: PUSH, address: 'unix:/nowhere'}") {}

  void Call(uint8_t method, std::string_view bytes) {
    switch (method % 18) {
      case 0:
        return Serve<v1::GetConfigRequest, v1::GetConfigResponse>(
            bytes, [&](auto... call) { return config().GetConfig(call...); });
      case 1:
        return Apply(bytes);
      case 2:
        return Serve<v1::SetEndpointsRequest, v1::SetEndpointsResponse>(
            bytes, [&](auto... call) { return config().SetEndpoints(call...); });
      case 3:
        return Serve<v1::PatchEndpointsRequest, v1::PatchEndpointsResponse>(
            bytes, [&](auto... call) { return config().PatchEndpoints(call...); });
      case 4:
        return Serve<v1::UpdateClusterRequest, v1::UpdateClusterResponse>(
            bytes, [&](auto... call) { return config().UpdateCluster(call...); });
      case 5:
        return Serve<v1::ListRevisionsRequest, v1::ListRevisionsResponse>(
            bytes, [&](auto... call) { return config().ListRevisions(call...); });
      case 6:
        return Serve<v1::RollbackConfigRequest, v1::RollbackConfigResponse>(
            bytes, [&](auto... call) { return config().RollbackConfig(call...); });
      case 7:
        return Serve<v1::ListTunnelsRequest, v1::ListTunnelsResponse>(
            bytes, [&](auto... call) { return tunnels().ListTunnels(call...); });
      case 8:
        return Serve<v1::CloseTunnelsRequest, v1::CloseTunnelsResponse>(
            bytes, [&](auto... call) { return tunnels().CloseTunnels(call...); });
      case 9:
        return Serve<v1::ExplainRequest, v1::ExplainResponse>(
            bytes, [&](auto... call) { return tunnels().Explain(call...); });
      case 10:
        return Serve<v1::PauseDrainRequest, v1::PauseDrainResponse>(
            bytes, [&](auto... call) { return tunnels().PauseDrain(call...); });
      case 11:
        return Serve<v1::ListDrainsRequest, v1::ListDrainsResponse>(
            bytes, [&](auto... call) { return tunnels().ListDrains(call...); });
      case 13:
        return Serve<v1::ResumeDrainRequest, v1::ResumeDrainResponse>(
            bytes, [&](auto... call) { return tunnels().ResumeDrain(call...); });
      case 14:
        return Serve<v1::CancelDrainRequest, v1::CancelDrainResponse>(
            bytes, [&](auto... call) { return tunnels().CancelDrain(call...); });
      case 15:
        return Serve<v1::GetDrainRequest, v1::GetDrainResponse>(
            bytes, [&](auto... call) { return tunnels().GetDrain(call...); });
      case 16:
        return Serve<v1::StartRebalanceRequest, v1::StartRebalanceResponse>(
            bytes, [&](auto... call) { return tunnels().StartRebalance(call...); });
      case 17:
        return Serve<v1::StartDrainRequest, v1::StartDrainResponse>(
            bytes, [&](auto... call) { return tunnels().StartDrain(call...); });
      default:
        return Sync(Parse<v1::SyncConfigResponse>(bytes));
    }
  }

 private:
  v1::ConfigService::CallbackService& config() {
    return static_cast<v1::ConfigService::CallbackService&>(*config_);
  }
  v1::TunnelService::CallbackService& tunnels() {
    return static_cast<v1::TunnelService::CallbackService&>(*tunnels_);
  }

  // What is no message of that type gRPC turns away.
  template <typename Request>
  static std::optional<Request> Parse(std::string_view bytes) {
    Request request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
    return request;
  }

  // `method` is asked as by gRPC.
  template <typename Request, typename Response, typename Method>
  void Serve(const std::optional<Request>& request, Method method) {
    if (!request) return;
    const InForce before = applier_.applier->in_force();
    std::promise<grpc::Status> finished;
    grpc::CallbackServerContext context;
    grpc::testing::DefaultReactorTestPeer peer(
        &context, [&](grpc::Status status) { finished.set_value(std::move(status)); });
    Response response;
    method(&context, &*request, &response);
    const grpc::Status status = finished.get_future().get();
    while (!peer.test_status_set()) std::this_thread::yield();  // the last that is done to the context
    RequireDocumented(status);
    if (!status.ok()) RequireSame(before);
    RequireSound();
  }
  template <typename Request, typename Response, typename Method>
  void Serve(std::string_view bytes, Method method) {
    Serve<Request, Response>(Parse<Request>(bytes), method);
  }

  // A new listener would be bound: that is tried dry.
  void Apply(std::string_view bytes) {
    std::optional<v1::ApplyConfigRequest> request = Parse<v1::ApplyConfigRequest>(bytes);
    if (request && request->config().listeners_size() > 0) {
      request->mutable_options()->set_validate_only(true);
    }
    Serve<v1::ApplyConfigRequest, v1::ApplyConfigResponse>(
        request, [&](auto... call) { return config().ApplyConfig(call...); });
  }

  void Sync(const std::optional<v1::SyncConfigResponse>& update) {
    if (!update) return;
    const InForce before = applier_.applier->in_force();
    auto change = control::ToChange(*update, fleet_);
    Require(change.value.has_value() == change.violations.empty(), "neither or both");
    if (!change.value) return;
    change.value->validate_only = update->config().listeners_size() > 0;
    std::promise<fairlead::apply::Answer> answered;
    applier_.applier->Submit(*std::move(change.value),
                             [&](fairlead::apply::Answer answer) { answered.set_value(std::move(answer)); });
    const fairlead::apply::Answer answer = answered.get_future().get();
    Require(answer.applied() || !answer.message.empty(), "refused without a word");
    if (!answer.applied()) RequireSame(before);
    RequireSound();
  }

  static config::Bootstrap PlaneOf(const config::Bootstrap& bootstrap) {
    config::Bootstrap plane = bootstrap;
    plane.control.fleet = config::Fleet{};
    plane.control.fleet->address = "plane:1";
    return plane;
  }

  static void RequireDocumented(const grpc::Status& status) {
    switch (status.error_code()) {
      case StatusCode::OK:
        return;
      case StatusCode::INVALID_ARGUMENT:
      case StatusCode::ABORTED:
      case StatusCode::FAILED_PRECONDITION:
      case StatusCode::PERMISSION_DENIED:
      case StatusCode::NOT_FOUND:
        Require(!status.error_details().empty(), "refused without details");
        return Require(!status.error_message().empty(), "refused without a word");
      default:
        Require(false, status.error_message());
    }
  }

  void RequireSame(const InForce& before) const {
    const InForce now = applier_.applier->in_force();
    Require(now.revision == before.revision && now.etag == before.etag, "refused, and yet another revision");
    Require(now.config == before.config || *now.config == *before.config, "refused, and yet changed");
  }

  // What is in force can be had, and sent back.
  void RequireSound() const {
    const InForce now = applier_.applier->in_force();
    const auto again =
        config::ConfigFromMessage(config::ToMessage(*now.config), applier_.bootstrap, "config");
    for (const config::Violation& violation : again.violations) std::cerr << violation.ToString() << "\n";
    Require(again.value == *now.config, "what is in force is refused, or says something else");
  }

  control::TestApplier applier_;
  control::FakeDataPlane data_plane_;
  const config::Bootstrap fleet_ = PlaneOf(applier_.bootstrap);
  const control::Backing backing_{.applier = applier_.applier.get(),
                                  .data_plane = &data_plane_,
                                  .bootstrap = &applier_.bootstrap,
                                  .fleet_status = {}};
  const std::unique_ptr<grpc::Service> config_ = control::MakeConfigService(backing_);
  const std::unique_ptr<grpc::Service> tunnels_ = control::MakeTunnelService(backing_);
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Proxy proxy;
  for (size_t calls = 0; calls < kCalls && input.size() >= 3; ++calls) {
    const auto method = static_cast<uint8_t>(input[0]);
    const size_t asked = static_cast<uint8_t>(input[1]) << 8 | static_cast<uint8_t>(input[2]);
    const std::string_view request = input.substr(3, asked);
    input.remove_prefix(3 + request.size());
    proxy.Call(method, request);
  }
  return 0;
}
