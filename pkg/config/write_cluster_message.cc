#include "pkg/config/write_cluster_message.h"

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/write_load_balancing_message.h"
#include "pkg/config/write_resilience.h"
#include "pkg/config/write_tls_message.h"

namespace fairlead::config {
namespace {

void WriteEndpoint(const Endpoint& endpoint, v1::Endpoint* message) {
  message->set_id(endpoint.id);
  message->set_address(endpoint.address.ToString());
  message->set_hash_id(endpoint.hash_id);
  message->set_weight(endpoint.weight);
  message->set_state(endpoint.state == EndpointState::kDraining ? v1::ENDPOINT_STATE_DRAINING
                                                                : v1::ENDPOINT_STATE_ACTIVE);
  message->set_zone(endpoint.zone);
  message->set_priority(endpoint.priority);
}

v1::SendProxyProtocol SendProxyProtocolMessage(SendProxyProtocol protocol) {
  switch (protocol) {
    case SendProxyProtocol::kDisabled:
      return v1::SEND_PROXY_PROTOCOL_DISABLED;
    case SendProxyProtocol::kV1:
      return v1::SEND_PROXY_PROTOCOL_V1;
    case SendProxyProtocol::kV2:
      return v1::SEND_PROXY_PROTOCOL_V2;
  }
  return v1::SEND_PROXY_PROTOCOL_UNSPECIFIED;
}

}  // namespace

void WriteClusterMessage(const Cluster& cluster, v1::Cluster* message) {
  message->set_name(cluster.name);
  message->mutable_endpoints()->Reserve(static_cast<int>(cluster.endpoints.size()));
  for (const Endpoint& endpoint : cluster.endpoints) WriteEndpoint(endpoint, message->add_endpoints());
  if (cluster.dns) {
    message->mutable_dns()->set_name(cluster.dns->name);
    message->mutable_dns()->set_port(cluster.dns->port);
    WriteDurationMessage(cluster.dns->refresh_interval, message->mutable_dns()->mutable_refresh_interval());
  }
  WriteLoadBalancingMessage(cluster.load_balancing, message->mutable_load_balancing());
  message->set_membership(cluster.membership == Membership::kApi ? v1::MEMBERSHIP_API
                                                                 : v1::MEMBERSHIP_CONFIG);
  message->set_proxy_protocol(SendProxyProtocolMessage(cluster.proxy_protocol));
  if (cluster.tls) WriteClusterTlsMessage(*cluster.tls, message->mutable_tls());
  WriteResilienceMessage(cluster.resilience, message);
}

void WriteDurationMessage(base::Duration duration, google::protobuf::Duration* message) {
  message->set_seconds(duration.count() / 1000);
  message->set_nanos(static_cast<int32_t>(duration.count() % 1000) * 1'000'000);
}

}  // namespace fairlead::config
