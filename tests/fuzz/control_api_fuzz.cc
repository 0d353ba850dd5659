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
    switch (method % 13) {
      case 0:
        return CallConfig(&Config::GetConfig, Parse<v1::GetConfigRequest>(bytes));
      case 1:
        return Apply(Parse<v1::ApplyConfigRequest>(bytes));
      case 2:
        return CallConfig(&Config::SetEndpoints, Parse<v1::SetEndpointsRequest>(bytes));
      case 3:
        return CallConfig(&Config::PatchEndpoints, Parse<v1::PatchEndpointsRequest>(bytes));
      case 4:
        return CallConfig(&Config::UpdateCluster, Parse<v1::UpdateClusterRequest>(bytes));
      case 5:
        return CallConfig(&Config::ListRevisions, Parse<v1::ListRevisionsRequest>(bytes));
      case 6:
        return CallConfig(&Config::RollbackConfig, Parse<v1::RollbackConfigRequest>(bytes));
      case 7:
        return CallTunnels(&Tunnels::ListTunnels, Parse<v1::ListTunnelsRequest>(bytes));
      case 8:
        return CallTunnels(&Tunnels::CloseTunnels, Parse<v1::CloseTunnelsRequest>(bytes));
      case 9:
        return CallTunnels(&Tunnels::Explain, Parse<v1::ExplainRequest>(bytes));
      case 10:
        return CallTunnels(&Tunnels::PauseDrain, Parse<v1::PauseDrainRequest>(bytes));
      case 11:
        return CallTunnels(&Tunnels::ListDrains, Parse<v1::ListDrainsRequest>(bytes));
      default:
        return Sync(Parse<v1::SyncConfigResponse>(bytes));
    }
  }

 private:
  using Config = v1::ConfigService::CallbackService;
  using Tunnels = v1::TunnelService::CallbackService;

  // What is no message of that type gRPC turns away.
  template <typename Request>
  static std::optional<Request> Parse(std::string_view bytes) {
    Request request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
    return request;
  }

  template <typename Service, typename Request, typename Response>
  void CallOf(Service& service,
              grpc::ServerUnaryReactor* (Service::*method)(grpc::CallbackServerContext*, const Request*,
                                                           Response*),
              const std::optional<Request>& request) {
    if (!request) return;
    const InForce before = applier_.applier->in_force();
    std::promise<grpc::Status> finished;
    grpc::CallbackServerContext context;
    grpc::testing::DefaultReactorTestPeer peer(
        &context, [&](grpc::Status status) { finished.set_value(std::move(status)); });
    Response response;
    (service.*method)(&context, &*request, &response);
    const grpc::Status status = finished.get_future().get();
    RequireDocumented(status);
    if (!status.ok()) RequireSame(before);
    RequireSound();
  }
  template <typename Request, typename Response>
  void CallConfig(grpc::ServerUnaryReactor* (Config::*method)(grpc::CallbackServerContext*, const Request*,
                                                              Response*),
                  const std::optional<Request>& request) {
    CallOf(static_cast<Config&>(*config_), method, request);
  }
  template <typename Request, typename Response>
  void CallTunnels(grpc::ServerUnaryReactor* (Tunnels::*method)(grpc::CallbackServerContext*, const Request*,
                                                                Response*),
                   const std::optional<Request>& request) {
    CallOf(static_cast<Tunnels&>(*tunnels_), method, request);
  }

  // A new listener would be bound: that is tried dry.
  void Apply(std::optional<v1::ApplyConfigRequest> request) {
    if (request && request->config().listeners_size() > 0) {
      request->mutable_options()->set_validate_only(true);
    }
    CallConfig(&Config::ApplyConfig, request);
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
      case StatusCode::NOT_FOUND:
      case StatusCode::FAILED_PRECONDITION:
      case StatusCode::PERMISSION_DENIED:
        return Require(!status.error_message().empty() && !status.error_details().empty() ||
                           status.error_code() == StatusCode::NOT_FOUND,
                       "refused without a word");
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
