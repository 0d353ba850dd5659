#include "pkg/config/write_route.h"

#include "pkg/config/duration_text.h"

namespace fairlead::config {
namespace {

void WriteMatches(std::string_view name, const std::vector<ValueMatch>& matches, JsonWriter& json) {
  json.BeginList(name);
  for (const ValueMatch& match : matches) {
    json.BeginObject();
    json.Text("name", match.name);
    if (match.exact) json.Text("exact", *match.exact);
    json.EndObject();
  }
  json.EndList();
}

void WriteMatch(const RouteMatch& match, JsonWriter& json) {
  json.BeginObject("match");
  if (const auto* prefix = std::get_if<PrefixMatch>(&match.path)) json.Text("prefix", prefix->prefix);
  if (const auto* exact = std::get_if<ExactMatch>(&match.path)) json.Text("exact", exact->path);
  if (const auto* regex = std::get_if<RegexMatch>(&match.path)) json.Text("regex", regex->pattern);
  json.Text("method", match.method);
  WriteMatches("headers", match.headers, json);
  WriteMatches("query", match.query, json);
  json.EndObject();
}

void WriteClusters(const std::vector<WeightedCluster>& clusters, JsonWriter& json) {
  json.BeginList("clusters");
  for (const WeightedCluster& cluster : clusters) {
    json.BeginObject();
    json.Text("name", cluster.name);
    json.Number("weight", cluster.weight);
    json.EndObject();
  }
  json.EndList();
}

void WriteRedirect(const Redirect& redirect, JsonWriter& json) {
  json.BeginObject("redirect");
  json.Text("scheme", redirect.scheme);
  json.Text("host", redirect.host);
  json.Text("path", redirect.path);
  json.Number("status", redirect.status);
  json.EndObject();
}

void WriteValues(std::string_view name, const std::map<std::string, std::string>& values, JsonWriter& json) {
  json.BeginObject(name);
  for (const auto& [key, value] : values) json.Text(key, value);
  json.EndObject();
}

void WriteHeaderRules(std::string_view name, const HeaderRules& rules, JsonWriter& json) {
  json.BeginObject(name);
  WriteValues("set", rules.set, json);
  WriteValues("add", rules.add, json);
  json.Texts("remove", rules.remove);
  json.EndObject();
}

std::string_view Name(PingTarget target) {
  switch (target) {
    case PingTarget::kClient:
      return "CLIENT";
    case PingTarget::kBackend:
      return "BACKEND";
    case PingTarget::kBoth:
      return "BOTH";
  }
  return "";
}

void WriteKeepalive(const Keepalive& keepalive, JsonWriter& json) {
  json.BeginObject("keepalive");
  json.Text("interval", FormatDuration(keepalive.interval));
  json.Text("timeout", FormatDuration(keepalive.timeout));
  json.Text("send_to", Name(keepalive.send_to));
  json.EndObject();
}

void WriteWebSocket(const WebSocket& websocket, JsonWriter& json) {
  json.BeginObject("websocket");
  json.Number("max_frame_bytes", websocket.max_frame_bytes);
  json.Number("max_message_bytes", websocket.max_message_bytes);
  json.Number("max_messages_per_second", websocket.max_messages_per_second);
  json.Flag("strict", websocket.strict);
  json.Texts("subprotocols", websocket.subprotocols);
  json.EndObject();
}

// What there is only where requests go to a backend.
void WriteForwarding(const Route& route, JsonWriter& json) {
  json.Texts("upgrades", route.upgrades);
  json.BeginObject("rewrite");
  if (route.rewrite.prefix) json.Text("prefix", *route.rewrite.prefix);
  if (route.rewrite.host) json.Text("host", *route.rewrite.host);
  json.EndObject();
  WriteHeaderRules("request_headers", route.request_headers, json);
  WriteHeaderRules("response_headers", route.response_headers, json);
  json.Flag("forwarded_header", route.forwarded_header);
  json.Flag("via_header", route.via_header);
  WriteKeepalive(route.keepalive, json);
  WriteWebSocket(route.websocket, json);
  if (!route.origins.allowed.empty()) json.Texts("origins", route.origins.allowed);
  json.Flag("origin_required", route.origins.required);
  json.Text("on_removed", route.on_removed == OnRemoved::kDrain ? "DRAIN" : "KEEP");
}

void WriteTimeouts(const Timeouts& timeouts, JsonWriter& json) {
  json.BeginObject("timeouts");
  json.Text("connect", FormatDuration(timeouts.connect));
  json.Text("response", FormatDuration(timeouts.response));
  if (timeouts.idle) json.Text("idle", FormatDuration(*timeouts.idle));
  json.Text("write", FormatDuration(timeouts.write));
  json.Text("half_closed", FormatDuration(timeouts.half_closed));
  json.Text("keep_alive", FormatDuration(timeouts.keep_alive));
  json.Text("max_lifetime", FormatDuration(timeouts.max_lifetime));
  json.Number("max_lifetime_jitter_percent", timeouts.max_lifetime_jitter_percent);
  json.EndObject();
}

void WritePrefixes(std::string_view name, const std::vector<base::Cidr>& prefixes, JsonWriter& json) {
  json.BeginList(name);
  for (const base::Cidr& prefix : prefixes) json.Text(prefix.ToString());
  json.EndList();
}

void WriteAddressRules(const AddressRules& rules, JsonWriter& json) {
  json.BeginObject("client_addresses");
  // An empty list would be read as a mistake.
  if (!rules.allow.empty()) WritePrefixes("allow", rules.allow, json);
  if (!rules.deny.empty()) WritePrefixes("deny", rules.deny, json);
  json.EndObject();
}

}  // namespace

void WriteRoute(const Route& route, JsonWriter& json) {
  json.BeginObject();
  json.Text("name", route.name);
  WriteMatch(route.match, json);
  if (const auto* redirect = std::get_if<Redirect>(&route.action)) {
    WriteRedirect(*redirect, json);
  } else {
    WriteClusters(std::get<std::vector<WeightedCluster>>(route.action), json);
    WriteForwarding(route, json);
  }
  WriteAddressRules(route.client_addresses, json);
  WriteTimeouts(route.timeouts, json);
  json.EndObject();
}

}  // namespace fairlead::config
