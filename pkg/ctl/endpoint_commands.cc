#include "pkg/ctl/endpoint_commands.h"

#include <fmt/format.h>
#include <grpcpp/support/status.h>

#include "fairlead/control/v1/config_service.grpc.pb.h"
#include "pkg/config/write_cluster_message.h"
#include "pkg/ctl/client.h"
#include "pkg/ctl/table.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using Rpcs = v1::ConfigService::StubInterface;
using Messages = google::protobuf::RepeatedPtrField<config::v1::Endpoint>;

Messages ToMessages(const std::vector<config::Endpoint>& endpoints) {
  config::Cluster cluster;
  cluster.endpoints = endpoints;
  config::v1::Cluster message;
  config::WriteClusterMessage(cluster, &message);
  return message.endpoints();
}

const std::string& LabelOf(const config::v1::Endpoint& endpoint) {
  return endpoint.id().empty() ? endpoint.address() : endpoint.id();
}

ExitCode Patch(Client& client, v1::PatchEndpointsRequest request, const ChangeFlags& flags) {
  FillOptions(flags, request.mutable_options());
  v1::PatchEndpointsResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::PatchEndpoints, request, &response);
  if (code != kDone) return code;
  if (client.json()) {
    PrintJson(response.result());
  } else {
    Print(DescribeResult(response.result(), flags.dry_run, client.style()));
  }
  return kDone;
}

// Null when there is none, which is said.
const config::v1::Cluster* Find(const v1::GetConfigResponse& response, const std::string& name) {
  for (const config::v1::Cluster& cluster : response.config().clusters()) {
    if (cluster.name() == name) return &cluster;
  }
  PrintError(fmt::format("there is no cluster \"{}\"\n", name));
  return nullptr;
}

// Likewise.
const config::v1::Endpoint* FindEndpoint(const config::v1::Cluster& cluster, const std::string& label) {
  for (const config::v1::Endpoint& endpoint : cluster.endpoints()) {
    if (LabelOf(endpoint) == label) return &endpoint;
  }
  PrintError(fmt::format("cluster \"{0}\" has no endpoint \"{1}\"; `endpoints list {0}` names them\n",
                         cluster.name(), label));
  return nullptr;
}

void AddRows(const config::v1::Cluster& cluster, const std::string& etag, Table& table) {
  for (const config::v1::Endpoint& endpoint : cluster.endpoints()) {
    const bool draining = endpoint.state() == config::v1::ENDPOINT_STATE_DRAINING;
    table.Add({cluster.name(),
               LabelOf(endpoint),
               endpoint.address(),
               FormatCount(endpoint.weight()),
               {draining ? "DRAINING" : "ACTIVE", draining ? Tint::kWarning : Tint::kGood},
               endpoint.hash_id(),
               etag});
  }
}

}  // namespace

ExitCode ListEndpoints(const Session& session, const std::string& name) {
  Client client(session);
  v1::GetConfigResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::GetConfig, {}, &response);
  if (code != kDone) return code;
  const config::v1::Cluster* const one = name.empty() ? nullptr : Find(response, name);
  if (!name.empty() && one == nullptr) return kRefused;
  Table table({{"CLUSTER"},
               {"ENDPOINT"},
               {"ADDRESS"},
               {"WEIGHT", Table::Align::kRight},
               {"STATE"},
               {"HASH ID"},
               {"CLUSTER'S ETAG"}});
  config::v1::Config shown;  // nothing but the clusters
  for (const config::v1::Cluster& cluster : response.config().clusters()) {
    if (one != nullptr && &cluster != one) continue;
    const auto etag = response.membership_etags().find(cluster.name());
    AddRows(cluster, etag == response.membership_etags().end() ? "" : etag->second, table);
    config::v1::Cluster& copy = *shown.add_clusters();
    copy.set_name(cluster.name());
    *copy.mutable_endpoints() = cluster.endpoints();
  }
  if (client.json()) {
    PrintJson(shown);
  } else {
    Print(table.ToString(client.style()));
  }
  return kDone;
}

ExitCode SetEndpoints(const Session& session, const std::string& cluster,
                      const std::vector<config::Endpoint>& endpoints, const ChangeFlags& flags) {
  v1::SetEndpointsRequest request;
  request.set_cluster(cluster);
  *request.mutable_endpoints() = ToMessages(endpoints);
  FillOptions(flags, request.mutable_options());
  Client client(session);
  v1::SetEndpointsResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::SetEndpoints, request, &response);
  if (code != kDone) return code;
  if (client.json()) {
    PrintJson(response.result());
  } else {
    Print(DescribeResult(response.result(), flags.dry_run, client.style()));
  }
  return kDone;
}

ExitCode AddEndpoints(const Session& session, const std::string& cluster,
                      const std::vector<config::Endpoint>& endpoints, const ChangeFlags& flags) {
  v1::PatchEndpointsRequest request;
  request.set_cluster(cluster);
  *request.mutable_upsert() = ToMessages(endpoints);
  Client client(session);
  return Patch(client, std::move(request), flags);
}

ExitCode RemoveEndpoints(const Session& session, const std::string& cluster,
                         const std::vector<std::string>& labels, const ChangeFlags& flags) {
  Client client(session);
  v1::GetConfigResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::GetConfig, {}, &response);
  if (code != kDone) return code;
  const config::v1::Cluster* const known = Find(response, cluster);
  if (known == nullptr) return kRefused;
  // The API takes what has gone already for done; who types a name wants to know that it is wrong.
  for (const std::string& label : labels) {
    if (FindEndpoint(*known, label) == nullptr) return kRefused;
  }
  v1::PatchEndpointsRequest request;
  request.set_cluster(cluster);
  request.mutable_remove_ids()->Assign(labels.begin(), labels.end());
  return Patch(client, std::move(request), flags);
}

ExitCode SetEndpointState(const Session& session, const std::string& name,
                          const std::vector<std::string>& labels, config::EndpointState state,
                          const ChangeFlags& flags) {
  Client client(session);
  v1::GetConfigResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::GetConfig, {}, &response);
  if (code != kDone) return code;
  const config::v1::Cluster* const cluster = Find(response, name);
  if (cluster == nullptr) return kRefused;
  v1::PatchEndpointsRequest request;
  request.set_cluster(name);
  request.set_base_revision(response.revision());
  for (const std::string& label : labels) {
    const config::v1::Endpoint* const found = FindEndpoint(*cluster, label);
    if (found == nullptr) return kRefused;
    config::v1::Endpoint& changed = *request.add_upsert();
    changed = *found;
    changed.set_state(state == config::EndpointState::kActive ? config::v1::ENDPOINT_STATE_ACTIVE
                                                              : config::v1::ENDPOINT_STATE_DRAINING);
  }
  return Patch(client, std::move(request), flags);
}

}  // namespace fairlead::ctl
