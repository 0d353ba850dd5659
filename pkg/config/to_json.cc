#include "pkg/config/to_json.h"

#include <utility>

#include "pkg/config/duration_text.h"
#include "pkg/config/json_writer.h"
#include "pkg/config/write_control.h"
#include "pkg/config/write_drain.h"
#include "pkg/config/write_load_balancing.h"
#include "pkg/config/write_resilience.h"
#include "pkg/config/write_route.h"
#include "pkg/config/write_tls.h"

namespace fairlead::config {
namespace {

std::string_view Name(AccessLogMode mode) {
  switch (mode) {
    case AccessLogMode::kEnd:
      return "END";
    case AccessLogMode::kOpenAndEnd:
      return "OPEN_AND_END";
    case AccessLogMode::kDisabled:
      return "DISABLED";
  }
  return "";
}

std::string_view Name(EndpointState state) {
  switch (state) {
    case EndpointState::kActive:
      return "ACTIVE";
    case EndpointState::kDraining:
      return "DRAINING";
  }
  return "";
}

std::string_view Name(ProxyProtocol protocol) {
  switch (protocol) {
    case ProxyProtocol::kDisabled:
      return "DISABLED";
    case ProxyProtocol::kOptionalFromTrusted:
      return "OPTIONAL_FROM_TRUSTED";
    case ProxyProtocol::kRequired:
      return "REQUIRED";
  }
  return "";
}

std::string_view Name(SendProxyProtocol protocol) {
  switch (protocol) {
    case SendProxyProtocol::kDisabled:
      return "DISABLED";
    case SendProxyProtocol::kV1:
      return "V1";
    case SendProxyProtocol::kV2:
      return "V2";
  }
  return "";
}

void WritePort(std::string_view name, const std::optional<base::SocketAddress>& address, JsonWriter& json) {
  json.BeginObject(name);
  json.Text("address", address ? address->ToString() : "");
  json.EndObject();
}

void WriteListener(const Listener& listener, JsonWriter& json) {
  json.BeginObject();
  json.Text("name", listener.name);
  json.Text("address", listener.address.ToString());
  json.BeginList("trusted_proxies");
  for (const base::Cidr& prefix : listener.trusted_proxies) json.Text(prefix.ToString());
  json.EndList();
  json.Text("proxy_protocol", Name(listener.proxy_protocol));
  if (listener.tls) WriteListenerTls(*listener.tls, json);
  json.BeginObject("limits");
  json.Number("max_connections", listener.limits.max_connections);
  json.Number("max_header_bytes", listener.limits.max_header_bytes);
  json.Text("handshake_timeout", FormatDuration(listener.limits.handshake_timeout));
  json.Number("upgrades_per_second", listener.limits.upgrades_per_second);
  json.Number("upgrades_per_second_per_client", listener.limits.upgrades_per_second_per_client);
  json.Number("upgrade_queue", listener.limits.upgrade_queue);
  json.Number("max_connections_per_client", listener.limits.max_connections_per_client);
  json.Number("min_body_rate", listener.limits.min_body_rate);
  json.EndObject();
  json.EndObject();
}

void WriteVirtualHost(const VirtualHost& host, JsonWriter& json) {
  json.BeginObject();
  json.Text("name", host.name);
  if (!host.listeners.empty()) json.Texts("listeners", host.listeners);
  json.Texts("domains", host.domains);
  json.BeginList("routes");
  for (const Route& route : host.routes) WriteRoute(route, json);
  json.EndList();
  json.EndObject();
}

void WriteEndpoint(const Endpoint& endpoint, JsonWriter& json) {
  json.BeginObject();
  json.Text("id", endpoint.id);
  json.Text("address", endpoint.address.ToString());
  json.Text("hash_id", endpoint.hash_id);
  json.Number("weight", endpoint.weight);
  json.Text("state", Name(endpoint.state));
  json.Text("zone", endpoint.zone);
  json.Number("priority", endpoint.priority);
  json.EndObject();
}

void WriteDns(const Dns& dns, JsonWriter& json) {
  json.BeginObject("dns");
  json.Text("name", dns.name);
  json.Number("port", dns.port);
  json.Text("refresh_interval", FormatDuration(dns.refresh_interval));
  json.EndObject();
}

void WriteCluster(const Cluster& cluster, JsonWriter& json) {
  json.BeginObject();
  json.Text("name", cluster.name);
  if (cluster.dns) {
    WriteDns(*cluster.dns, json);
  } else {
    json.BeginList("endpoints");
    for (const Endpoint& endpoint : cluster.endpoints) WriteEndpoint(endpoint, json);
    json.EndList();
  }
  WriteLoadBalancing(cluster.load_balancing, json);
  json.Text("membership", cluster.membership == Membership::kApi ? "API" : "CONFIG");
  json.Text("proxy_protocol", Name(cluster.proxy_protocol));
  if (cluster.tls) WriteClusterTls(*cluster.tls, json);
  WriteResilience(cluster.resilience, json);
  json.EndObject();
}

void WriteBootstrap(const Bootstrap& bootstrap, JsonWriter& json) {
  json.BeginObject("node");
  json.Text("id", bootstrap.node.id);
  json.Text("zone", bootstrap.node.zone);
  json.EndObject();
  WritePort("telemetry", bootstrap.telemetry, json);
  WritePort("admin", bootstrap.admin, json);
  json.BeginObject("access_log");
  json.Text("mode", Name(bootstrap.access_log.mode));
  json.Text("path", bootstrap.access_log.path);
  json.EndObject();
  json.Number("workers", bootstrap.workers);
  WriteControl(bootstrap.control, json);
}

void WriteConfig(const Config& config, JsonWriter& json) {
  WriteDrain(config.drain, json);
  json.BeginObject("overload");
  json.Number("max_buffered_bytes", config.overload.max_buffered_bytes);
  json.EndObject();
  json.BeginList("listeners");
  for (const Listener& listener : config.listeners) WriteListener(listener, json);
  json.EndList();
  json.BeginList("virtual_hosts");
  for (const VirtualHost& host : config.virtual_hosts) WriteVirtualHost(host, json);
  json.EndList();
  json.BeginList("clusters");
  for (const Cluster& cluster : config.clusters) WriteCluster(cluster, json);
  json.EndList();
}

}  // namespace

std::string ToJson(const Config& config) {
  JsonWriter json;
  json.BeginObject();
  WriteConfig(config, json);
  json.EndObject();
  return std::move(json).Take();
}

std::string ToJson(const File& file) {
  JsonWriter json;
  json.BeginObject();
  WriteBootstrap(file.bootstrap, json);
  WriteConfig(file.config, json);
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace fairlead::config
