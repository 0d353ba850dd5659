#include "pkg/config/read_cluster.h"

#include <optional>
#include <string>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/read_drain.h"
#include "pkg/config/read_load_balancing.h"
#include "pkg/config/read_resilience.h"
#include "pkg/config/read_tls.h"

namespace fairlead::config {
namespace {

constexpr NumberRange kWeight = {0, 65535};
constexpr NumberRange kPriority = {0, 127};
constexpr NumberRange kPort = {1, 65535};
constexpr DurationRange kRefresh = {base::Duration(100), std::chrono::hours(24)};

EndpointState ReadState(v1::EndpointState state, const Path& path, Report& report) {
  switch (state) {
    case v1::ENDPOINT_STATE_UNSPECIFIED:
    case v1::ENDPOINT_STATE_ACTIVE:
      return EndpointState::kActive;
    case v1::ENDPOINT_STATE_DRAINING:
      return EndpointState::kDraining;
    default:
      report.Add(path, "is not known", "give ACTIVE or DRAINING");
      return EndpointState::kActive;
  }
}

Membership ReadMembership(v1::Membership membership, const Path& path, Report& report) {
  switch (membership) {
    case v1::MEMBERSHIP_UNSPECIFIED:
    case v1::MEMBERSHIP_CONFIG:
      return Membership::kConfig;
    case v1::MEMBERSHIP_API:
      return Membership::kApi;
    default:
      report.Add(path, "is not known", "give CONFIG or API");
      return Membership::kConfig;
  }
}

SendProxyProtocol ReadSendProxyProtocol(v1::SendProxyProtocol protocol, const Path& path, Report& report) {
  switch (protocol) {
    case v1::SEND_PROXY_PROTOCOL_UNSPECIFIED:
    case v1::SEND_PROXY_PROTOCOL_DISABLED:
      return SendProxyProtocol::kDisabled;
    case v1::SEND_PROXY_PROTOCOL_V1:
      return SendProxyProtocol::kV1;
    case v1::SEND_PROXY_PROTOCOL_V2:
      return SendProxyProtocol::kV2;
    default:
      report.Add(path, "is not known", "give DISABLED, V1 or V2");
      return SendProxyProtocol::kDisabled;
  }
}

Dns ReadDns(const v1::Dns& message, const Path& path, Report& report) {
  Dns dns;
  dns.name = message.name();
  CheckDnsName(dns.name, path.Field("name"), report);
  dns.port = static_cast<uint16_t>(ReadNumber(message.port(), kPort, path.Field("port"), report));
  if (message.has_refresh_interval()) {
    dns.refresh_interval =
        ReadDuration(message.refresh_interval(), kRefresh, path.Field("refresh_interval"), report);
  }
  return dns;
}

}  // namespace

Endpoint ReadEndpoint(const v1::Endpoint& message, const Path& path, Report& report) {
  Endpoint endpoint;
  endpoint.id = message.id();
  CheckOptionalName(endpoint.id, path.Field("id"), report);
  const Path address_path = path.Field("address");
  if (const auto address = ReadAddress(message.address(), address_path, report)) {
    endpoint.address = *address;
    if (!address->is_unix() && address->ip_port()->port == 0) {
      report.Add(address_path, "port 0 takes no connections", "give the port of the backend");
    }
  }
  endpoint.hash_id = message.hash_id();
  CheckOptionalName(endpoint.hash_id, path.Field("hash_id"), report);
  if (message.has_weight()) {
    endpoint.weight = ReadNumber(message.weight(), kWeight, path.Field("weight"), report);
  }
  endpoint.state = ReadState(message.state(), path.Field("state"), report);
  endpoint.zone = message.zone();
  CheckOptionalName(endpoint.zone, path.Field("zone"), report);
  endpoint.priority = ReadNumber(message.priority(), kPriority, path.Field("priority"), report);
  return endpoint;
}

void CheckDistinct(const Cluster& cluster, const Path& path, Report& report) {
  const bool hashes = Hashes(cluster.load_balancing.policy);
  Unique ids("id"), hash_ids("hash id");
  const Path list = path.Field("endpoints");
  for (size_t i = 0; i < cluster.endpoints.size(); ++i) {
    const Endpoint& endpoint = cluster.endpoints[i];
    const Path item = list.Index(i);
    const std::string address = endpoint.address.ToString();
    ids.Add(endpoint.id.empty() ? address : endpoint.id, item.Field(endpoint.id.empty() ? "address" : "id"),
            report);
    if (!hashes) continue;
    const std::string& hash_id = endpoint.hash_id.empty() ? address : endpoint.hash_id;
    hash_ids.Add(hash_id, item.Field(endpoint.hash_id.empty() ? "address" : "hash_id"), report);
  }
}

Cluster ReadCluster(const v1::Cluster& message, const Path& path, Report& report) {
  Cluster cluster;
  cluster.name = message.name();
  CheckName(cluster.name, path.Field("name"), report);
  const Path endpoints = path.Field("endpoints"), dns = path.Field("dns");
  for (int i = 0; i < message.endpoints_size(); ++i) {
    cluster.endpoints.push_back(ReadEndpoint(message.endpoints(i), endpoints.Index(i), report));
  }
  cluster.load_balancing = ReadLoadBalancing(message.load_balancing(), path.Field("load_balancing"), report);
  cluster.membership = ReadMembership(message.membership(), path.Field("membership"), report);
  cluster.proxy_protocol =
      ReadSendProxyProtocol(message.proxy_protocol(), path.Field("proxy_protocol"), report);
  const bool api = cluster.membership == Membership::kApi;
  cluster.resilience = ReadResilience(message, path, report);
  ReadMoves(message, path, report, &cluster);
  CheckDistinct(cluster, path, report);
  if (message.has_dns()) {
    cluster.dns = ReadDns(message.dns(), dns, report);
    if (!cluster.endpoints.empty()) report.Add(dns, "stands beside endpoints", "one of them may be given");
    if (api) report.Add(dns, "stands beside membership API", "one of them may be given");
  } else if (!api && report.MissingInFile(endpoints)) {
    report.Add(endpoints, "is missing", "list the backends, give dns, or write [] for none");
  }
  const Path tls = path.Field("tls");
  if (message.has_tls()) {
    cluster.tls = ReadClusterTls(message.tls(), cluster.dns ? cluster.dns->name : "", tls, report);
  }
  return cluster;
}

}  // namespace fairlead::config
