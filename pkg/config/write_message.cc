#include <google/protobuf/arena.h>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/messages.h"
#include "pkg/config/write_cluster_message.h"
#include "pkg/config/write_drain.h"
#include "pkg/config/write_tls_message.h"

namespace fairlead::config {
namespace {

v1::ProxyProtocol ProxyProtocolMessage(ProxyProtocol protocol) {
  switch (protocol) {
    case ProxyProtocol::kDisabled:
      return v1::PROXY_PROTOCOL_DISABLED;
    case ProxyProtocol::kOptionalFromTrusted:
      return v1::PROXY_PROTOCOL_OPTIONAL_FROM_TRUSTED;
    case ProxyProtocol::kRequired:
      return v1::PROXY_PROTOCOL_REQUIRED;
  }
  return v1::PROXY_PROTOCOL_UNSPECIFIED;
}

void WriteListener(const Listener& listener, v1::Listener* message) {
  message->set_name(listener.name);
  message->set_address(listener.address.ToString());
  for (const base::Cidr& prefix : listener.trusted_proxies) message->add_trusted_proxies(prefix.ToString());
  message->set_proxy_protocol(ProxyProtocolMessage(listener.proxy_protocol));
  if (listener.tls) WriteListenerTlsMessage(*listener.tls, message->mutable_tls());
  v1::ListenerLimits* limits = message->mutable_limits();
  limits->set_max_connections(listener.limits.max_connections);
  limits->set_max_header_bytes(listener.limits.max_header_bytes);
  WriteDurationMessage(listener.limits.handshake_timeout, limits->mutable_handshake_timeout());
  limits->set_upgrades_per_second(listener.limits.upgrades_per_second);
  limits->set_upgrades_per_second_per_client(listener.limits.upgrades_per_second_per_client);
  limits->set_upgrade_queue(listener.limits.upgrade_queue);
  limits->set_max_connections_per_client(listener.limits.max_connections_per_client);
  limits->set_min_body_rate(listener.limits.min_body_rate);
}

void WriteValueMatch(const ValueMatch& match, v1::ValueMatch* message) {
  message->set_name(match.name);
  if (match.exact) message->set_exact(*match.exact);
}

void WriteMatch(const RouteMatch& match, v1::RouteMatch* message) {
  if (const auto* prefix = std::get_if<PrefixMatch>(&match.path)) message->set_prefix(prefix->prefix);
  if (const auto* exact = std::get_if<ExactMatch>(&match.path)) message->set_exact(exact->path);
  if (const auto* regex = std::get_if<RegexMatch>(&match.path)) message->set_regex(regex->pattern);
  message->set_method(match.method);
  for (const ValueMatch& header : match.headers) WriteValueMatch(header, message->add_headers());
  for (const ValueMatch& parameter : match.query) WriteValueMatch(parameter, message->add_query());
}

void WriteHeaderRules(const HeaderRules& rules, v1::HeaderRules* message) {
  message->mutable_set()->insert(rules.set.begin(), rules.set.end());
  message->mutable_add()->insert(rules.add.begin(), rules.add.end());
  for (const std::string& name : rules.remove) message->add_remove(name);
}

void WriteRedirect(const Redirect& redirect, v1::Redirect* message) {
  message->set_scheme(redirect.scheme);
  message->set_host(redirect.host);
  message->set_path(redirect.path);
  message->set_status(static_cast<uint32_t>(redirect.status));
}

void WriteTimeouts(const Timeouts& timeouts, v1::Timeouts* message) {
  WriteDurationMessage(timeouts.connect, message->mutable_connect());
  WriteDurationMessage(timeouts.response, message->mutable_response());
  if (timeouts.idle) WriteDurationMessage(*timeouts.idle, message->mutable_idle());
  WriteDurationMessage(timeouts.write, message->mutable_write());
  WriteDurationMessage(timeouts.half_closed, message->mutable_half_closed());
  WriteDurationMessage(timeouts.keep_alive, message->mutable_keep_alive());
  WriteDurationMessage(timeouts.max_lifetime, message->mutable_max_lifetime());
  message->set_max_lifetime_jitter_percent(static_cast<uint32_t>(timeouts.max_lifetime_jitter_percent));
}

v1::PingTarget ToMessage(PingTarget target) {
  switch (target) {
    case PingTarget::kClient:
      return v1::PING_TARGET_CLIENT;
    case PingTarget::kBackend:
      return v1::PING_TARGET_BACKEND;
    case PingTarget::kBoth:
      return v1::PING_TARGET_BOTH;
  }
  return v1::PING_TARGET_UNSPECIFIED;
}

void WriteKeepalive(const Keepalive& keepalive, v1::Keepalive* message) {
  WriteDurationMessage(keepalive.interval, message->mutable_interval());
  WriteDurationMessage(keepalive.timeout, message->mutable_timeout());
  message->set_send_to(ToMessage(keepalive.send_to));
}

void WriteWebSocket(const WebSocket& websocket, v1::WebSocket* message) {
  message->set_max_frame_bytes(websocket.max_frame_bytes);
  message->set_max_message_bytes(websocket.max_message_bytes);
  message->set_max_messages_per_second(websocket.max_messages_per_second);
  message->set_strict(websocket.strict);
  for (const std::string& subprotocol : websocket.subprotocols) message->add_subprotocols(subprotocol);
}

// What there is only where requests go to a backend.
void WriteForwarding(const Route& route, v1::Route* message) {
  for (const WeightedCluster& target : std::get<std::vector<WeightedCluster>>(route.action)) {
    v1::WeightedCluster* cluster = message->add_clusters();
    cluster->set_name(target.name);
    cluster->set_weight(target.weight);
  }
  v1::UpgradeTokens* upgrades = message->mutable_upgrades();
  for (const std::string& token : route.upgrades) upgrades->add_tokens(token);
  if (route.rewrite.prefix) message->mutable_rewrite()->set_prefix(*route.rewrite.prefix);
  if (route.rewrite.host) message->mutable_rewrite()->set_host(*route.rewrite.host);
  if (route.request_headers != HeaderRules()) {
    WriteHeaderRules(route.request_headers, message->mutable_request_headers());
  }
  message->set_forwarded_header(route.forwarded_header);
  message->set_via_header(route.via_header);
  WriteKeepalive(route.keepalive, message->mutable_keepalive());
  WriteWebSocket(route.websocket, message->mutable_websocket());
  for (const std::string& origin : route.origins.allowed) message->add_origins(origin);
  message->set_origin_required(route.origins.required);
  message->set_on_removed(route.on_removed == OnRemoved::kDrain ? v1::ON_REMOVED_DRAIN : v1::ON_REMOVED_KEEP);
  if (route.response_headers != HeaderRules()) {
    WriteHeaderRules(route.response_headers, message->mutable_response_headers());
  }
}

void WriteRoute(const Route& route, v1::Route* message) {
  message->set_name(route.name);
  WriteMatch(route.match, message->mutable_match());
  if (const auto* redirect = std::get_if<Redirect>(&route.action)) {
    WriteRedirect(*redirect, message->mutable_redirect());
  } else {
    WriteForwarding(route, message);
  }
  if (route.client_addresses != AddressRules()) {
    v1::AddressRules* rules = message->mutable_client_addresses();
    for (const base::Cidr& prefix : route.client_addresses.allow) rules->add_allow(prefix.ToString());
    for (const base::Cidr& prefix : route.client_addresses.deny) rules->add_deny(prefix.ToString());
  }
  WriteTimeouts(route.timeouts, message->mutable_timeouts());
}

void WriteVirtualHost(const VirtualHost& host, v1::VirtualHost* message) {
  message->set_name(host.name);
  for (const std::string& listener : host.listeners) message->add_listeners(listener);
  for (const std::string& domain : host.domains) message->add_domains(domain);
  for (const Route& route : host.routes) WriteRoute(route, message->add_routes());
}

void WriteConfig(const Config& config, v1::Config* message) {
  WriteDrainMessage(config.drain, message->mutable_drain());
  message->mutable_overload()->set_max_buffered_bytes(config.overload.max_buffered_bytes);
  for (const Listener& listener : config.listeners) WriteListener(listener, message->add_listeners());
  for (const VirtualHost& host : config.virtual_hosts) WriteVirtualHost(host, message->add_virtual_hosts());
  for (const Cluster& cluster : config.clusters) WriteClusterMessage(cluster, message->add_clusters());
}

}  // namespace

v1::Config ToMessage(const Config& config) {
  v1::Config message;
  WriteConfig(config, &message);
  return message;
}

std::string Serialize(const Config& config) {
  // With tens of thousands of endpoints, making and freeing each message by itself is most of the work.
  google::protobuf::Arena arena;
  auto* message = google::protobuf::Arena::CreateMessage<v1::Config>(&arena);
  WriteConfig(config, message);
  return StableBytes(*message);
}

}  // namespace fairlead::config
