#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "fairlead/control/v1/config_service.grpc.pb.h"
#include "pkg/apply/audit.h"
#include "pkg/config/messages.h"
#include "pkg/control/call.h"
#include "pkg/control/rpc_status.h"
#include "pkg/control/wire.h"

namespace fairlead::control {
namespace {

using config::ControlRole;

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 1000;

// Tells a request from another one that goes by the same id.
std::string FingerprintOf(const google::protobuf::Message& request) {
  const std::string bytes = config::StableBytes(request);
  return fmt::format("{} {} {:016x}", request.GetTypeName(), bytes.size(), absl::HashOf(bytes));
}

// Rounded away from zero, and cut where it is far beyond what an override may last: judged on its turn.
base::Duration ToDuration(const google::protobuf::Duration& wanted) {
  constexpr int64_t kBeyond =
      2 * std::chrono::duration_cast<std::chrono::seconds>(apply::kMaxOverride).count();
  constexpr int64_t kNanos = 1'000'000;
  const int64_t nanos = wanted.nanos();
  return std::chrono::seconds(std::clamp(wanted.seconds(), -kBeyond, kBeyond)) +
         base::Duration((nanos + (nanos > 0 ? kNanos - 1 : 1 - kNanos)) / kNanos);
}

void TakeOptions(const v1::ChangeOptions& options, apply::Change* change) {
  change->etag = options.etag();
  change->request_id = options.request_id();
  change->validate_only = options.validate_only();
  change->fencing_token = options.fencing_token();
  change->override_owner_for = ToDuration(options.override_owner_for());
}

void FillResult(const apply::Answer& answer, v1::ChangeResult* result) {
  result->set_revision(answer.revision);
  result->set_etag(answer.etag);
  if (answer.impact) ToWire(*answer.impact, result->mutable_impact());
}

class ConfigService final : public v1::ConfigService::CallbackService {
 public:
  explicit ConfigService(const Backing& backing) : backing_(backing) {}

  grpc::ServerUnaryReactor* GetConfig(grpc::CallbackServerContext* context,
                                      const v1::GetConfigRequest* request,
                                      v1::GetConfigResponse* response) override {
    const grpc::Status admitted = AdmitAs(*context, ControlRole::kReader, *request);
    if (admitted.ok()) {
      const apply::InForce in_force = backing_.applier->in_force();
      if (in_force.config) *response->mutable_config() = config::ToMessage(*in_force.config);
      response->set_revision(in_force.revision);
      response->set_etag(in_force.etag);
      if (in_force.membership) {
        for (const auto& [cluster, mark] : *in_force.membership) {
          (*response->mutable_membership_etags())[cluster] = mark.etag;
        }
      }
    }
    return Finish(context, admitted);
  }

  grpc::ServerUnaryReactor* ApplyConfig(grpc::CallbackServerContext* context,
                                        const v1::ApplyConfigRequest* request,
                                        v1::ApplyConfigResponse* response) override {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kConfigWriter, *request);
        !admitted.ok()) {
      return RefuseChange(context, *request, "ApplyConfig", admitted);
    }
    if (!request->has_config()) {
      return RefuseChange(context, *request, "ApplyConfig",
                          InvalidField("config", "is missing", "send the whole configuration"));
    }
    config::Checked<config::Config> config =
        config::ConfigFromMessage(request->config(), *backing_.bootstrap, "config");
    if (!config.value)
      return RefuseChange(context, *request, "ApplyConfig", InvalidRequest(config.violations));
    return Submit(context, *request, "ApplyConfig", apply::ReplaceConfig{*std::move(config.value), "config"},
                  response);
  }

  grpc::ServerUnaryReactor* SetEndpoints(grpc::CallbackServerContext* context,
                                         const v1::SetEndpointsRequest* request,
                                         v1::SetEndpointsResponse* response) override {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kEndpointWriter, *request);
        !admitted.ok()) {
      return RefuseChange(context, *request, "SetEndpoints", admitted);
    }
    config::Checked<std::vector<config::Endpoint>> endpoints =
        ReadEndpoints(request->endpoints(), "endpoints");
    if (!endpoints.value)
      return RefuseChange(context, *request, "SetEndpoints", InvalidRequest(endpoints.violations));
    return Submit(
        context, *request, "SetEndpoints",
        apply::SetEndpoints{.cluster = request->cluster(), .endpoints = *std::move(endpoints.value)},
        response);
  }

  grpc::ServerUnaryReactor* PatchEndpoints(grpc::CallbackServerContext* context,
                                           const v1::PatchEndpointsRequest* request,
                                           v1::PatchEndpointsResponse* response) override {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kEndpointWriter, *request);
        !admitted.ok()) {
      return RefuseChange(context, *request, "PatchEndpoints", admitted);
    }
    config::Checked<std::vector<config::Endpoint>> upsert = ReadEndpoints(request->upsert(), "upsert");
    if (!upsert.value)
      return RefuseChange(context, *request, "PatchEndpoints", InvalidRequest(upsert.violations));
    return Submit(
        context, *request, "PatchEndpoints",
        apply::PatchEndpoints{.cluster = request->cluster(),
                              .upsert = *std::move(upsert.value),
                              .remove_ids = {request->remove_ids().begin(), request->remove_ids().end()},
                              .base_revision = request->base_revision()},
        response);
  }

  grpc::ServerUnaryReactor* UpdateCluster(grpc::CallbackServerContext* context,
                                          const v1::UpdateClusterRequest* request,
                                          v1::UpdateClusterResponse* response) override {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kConfigWriter, *request);
        !admitted.ok()) {
      return RefuseChange(context, *request, "UpdateCluster", admitted);
    }
    if (request->update_mask().paths().empty()) {
      return RefuseChange(context, *request, "UpdateCluster",
                          InvalidField("update_mask", "is missing",
                                       "name the fields to change, such as load_balancing.policy"));
    }
    const std::vector<std::string> mask(request->update_mask().paths().begin(),
                                        request->update_mask().paths().end());
    // The request lives until it is answered, and the update is not run later than that.
    return Submit(context, *request, "UpdateCluster",
                  apply::UpdateCluster{.cluster = request->cluster().name(),
                                       .update =
                                           [request, mask](const config::Cluster& cluster) {
                                             return config::UpdateCluster(cluster, request->cluster(), mask,
                                                                          "cluster");
                                           }},
                  response);
  }

  grpc::ServerUnaryReactor* ListRevisions(grpc::CallbackServerContext* context,
                                          const v1::ListRevisionsRequest* request,
                                          v1::ListRevisionsResponse* response) override {
    grpc::Status status = AdmitAs(*context, ControlRole::kReader, *request);
    if (status.ok()) status = FillRevisions(*request, response);
    return Finish(context, status);
  }

  grpc::ServerUnaryReactor* RollbackConfig(grpc::CallbackServerContext* context,
                                           const v1::RollbackConfigRequest* request,
                                           v1::RollbackConfigResponse* response) override {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kConfigWriter, *request);
        !admitted.ok()) {
      return RefuseChange(context, *request, "RollbackConfig", admitted);
    }
    return Submit(context, *request, "RollbackConfig", apply::Rollback{request->revision()}, response);
  }

 private:
  grpc::Status AdmitAs(const grpc::CallbackServerContext& context, ControlRole role,
                       const google::protobuf::Message& request) const {
    return Admit(context, *backing_.bootstrap, role, request);
  }

  static config::Checked<std::vector<config::Endpoint>> ReadEndpoints(
      const google::protobuf::RepeatedPtrField<config::v1::Endpoint>& messages, std::string_view at) {
    const std::vector<const config::v1::Endpoint*> pointers(messages.pointer_begin(), messages.pointer_end());
    return config::EndpointsFromMessages(pointers, at);
  }

  // Of a change that does not get as far as the apply thread.
  template <typename Request>
  grpc::ServerUnaryReactor* RefuseChange(grpc::CallbackServerContext* context, const Request& request,
                                         std::string_view rpc, const grpc::Status& status) {
    const apply::Origin origin = OriginOf(*context, *backing_.bootstrap);
    if (!request.options().validate_only()) {
      apply::Audit(origin, rpc, apply::Answer::Refusal(apply::Verdict::kInvalid, status.error_message()));
      // Whoever may not ask has no say in how the configuration stands.
      const bool permitted = status.error_code() == grpc::StatusCode::INVALID_ARGUMENT;
      if (permitted) backing_.applier->CountRefused(origin, status.error_message());
    }
    return Finish(context, status);
  }

  // Both messages live until the call is finished.
  template <typename Request, typename Response, typename What>
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const Request& request,
                                   std::string_view rpc, What what, Response* response) {
    apply::Change change;
    change.origin = OriginOf(*context, *backing_.bootstrap);
    change.what = std::move(what);
    TakeOptions(request.options(), &change);
    change.endpoints_only = !HasRole(*context, *backing_.bootstrap, ControlRole::kConfigWriter);
    if (!change.request_id.empty()) change.request_fingerprint = FingerprintOf(request);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    const bool counts = !change.validate_only;
    change.bytes = request.ByteSizeLong();
    const apply::Origin origin = change.origin;
    const base::Duration overriding = change.override_owner_for;
    backing_.applier->Submit(
        std::move(change), [reactor, response, counts, origin, rpc, overriding](const apply::Answer& answer) {
          if (counts) apply::Audit(origin, rpc, answer, overriding);
          if (answer.applied()) FillResult(answer, response->mutable_result());
          reactor->Finish(ToStatus(answer));
        });
    return reactor;
  }

  grpc::Status FillRevisions(const v1::ListRevisionsRequest& request, v1::ListRevisionsResponse* response) {
    uint64_t before = UINT64_MAX;
    const std::string& token = request.page_token();
    const char* const end = token.data() + token.size();
    const auto read = std::from_chars(token.data(), end, before);
    if (!token.empty() && (read.ec != std::errc() || read.ptr != end)) {
      return InvalidField("page_token", "is none of ours", "use that of the answer before");
    }
    if (request.page_size() < 0) return InvalidField("page_size", "is negative", "write 0 to 1000");
    const int size = request.page_size() == 0 ? kDefaultPage : std::min(request.page_size(), kMaxPage);
    for (const apply::RevisionInfo& revision : backing_.applier->revisions()) {
      if (revision.revision >= before) continue;
      if (response->revisions_size() == size) {
        response->set_next_page_token(std::to_string(response->revisions(size - 1).revision()));
        break;
      }
      ToWire(revision, response->add_revisions());
    }
    return {};
  }

  const Backing backing_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeConfigService(const Backing& backing) {
  return std::make_unique<ConfigService>(backing);
}

}  // namespace fairlead::control
