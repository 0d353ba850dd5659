#include "pkg/control/fleet_update.h"

#include <string>
#include <utility>
#include <vector>

#include "fairlead/control/v1/fleet_service.pb.h"
#include "pkg/config/messages.h"

namespace fairlead::control {
namespace {

// One that is higher would leave its plane no room to count on.
constexpr uint64_t kMaxFleetRevision = INT64_MAX;

config::Violation Missing(std::string path, std::string remedy) {
  return {.path = std::move(path), .line = 0, .problem = "is missing", .remedy = std::move(remedy)};
}

// Only where a plane owns the configuration its revisions are counted here.
void CheckBase(const v1::EndpointPatch& patch, bool owns, std::vector<config::Violation>* violations) {
  if (owns && patch.base_revision() == 0) {
    violations->push_back(Missing("endpoint_patch.base_revision", "name the revision that it builds on"));
  }
  if (!owns && patch.base_revision() != 0) {
    violations->push_back({.path = "endpoint_patch.base_revision",
                           .line = 0,
                           .problem = "names a revision of a plane that does not own the configuration",
                           .remedy = "leave it out: its revisions are not counted here"});
  }
}

std::vector<config::Violation> CheckEnvelope(const v1::SyncConfigResponse& update, bool owns) {
  std::vector<config::Violation> violations = config::UnknownFields(update);
  if (update.nonce().empty()) violations.push_back(Missing("nonce", "name every update"));
  if (update.revision() == 0) violations.push_back(Missing("revision", "count from 1"));
  if (update.update_case() == v1::SyncConfigResponse::UPDATE_NOT_SET && violations.empty()) {
    violations.push_back(Missing("config", "send a configuration or an endpoint_patch"));
  }
  if (update.revision() > kMaxFleetRevision) {
    violations.push_back({.path = "revision",
                          .line = 0,
                          .problem = "is out of range",
                          .remedy = "count from 1, to 9223372036854775807 at most"});
  }
  if (update.has_endpoint_patch()) CheckBase(update.endpoint_patch(), owns, &violations);
  return violations;
}

}  // namespace

config::Checked<apply::Change> ToChange(const v1::SyncConfigResponse& update,
                                        const config::Bootstrap& bootstrap) {
  config::Checked<apply::Change> result;
  result.violations = CheckEnvelope(update, bootstrap.control.owner == config::Owner::kFleet);
  if (!result.violations.empty()) return result;
  apply::Change change;
  change.origin = {.source = config::Owner::kFleet, .who = bootstrap.control.fleet->address};
  change.fencing_token = update.fencing_token();
  change.fleet = apply::FleetUpdate{.mark = {.revision = update.revision(), .hash = update.hash()}};
  if (update.has_config()) {
    auto config = config::ConfigFromMessage(update.config(), bootstrap, "config");
    if (!config.value) return {.value = std::nullopt, .violations = std::move(config.violations)};
    change.what = apply::ReplaceConfig{*std::move(config.value), "config"};
  } else {
    const v1::EndpointPatch& patch = update.endpoint_patch();
    const std::vector<const config::v1::Endpoint*> upsert(patch.upsert().pointer_begin(),
                                                          patch.upsert().pointer_end());
    auto endpoints = config::EndpointsFromMessages(upsert, "endpoint_patch.upsert");
    if (!endpoints.value) return {.value = std::nullopt, .violations = std::move(endpoints.violations)};
    change.fleet->base_revision = patch.base_revision();
    if (patch.replace_all()) {
      change.what = apply::SetEndpoints{.cluster = patch.cluster(), .endpoints = *std::move(endpoints.value)};
    } else {
      change.what =
          apply::PatchEndpoints{.cluster = patch.cluster(),
                                .upsert = *std::move(endpoints.value),
                                .remove_ids = {patch.remove_ids().begin(), patch.remove_ids().end()}};
    }
  }
  result.value = std::move(change);
  return result;
}

}  // namespace fairlead::control
