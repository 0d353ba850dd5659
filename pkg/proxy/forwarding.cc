#include "pkg/proxy/forwarding.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "pkg/http1/ascii.h"
#include "pkg/http1/hop_by_hop.h"
#include "pkg/http1/writer.h"
#include "pkg/proxy/client_certificate.h"
#include "pkg/proxy/max_forwards.h"
#include "pkg/proxy_protocol/header_writer.h"
#include "pkg/websocket/handshake.h"

namespace fairlead::proxy {
namespace {

constexpr std::string_view kVia = "1.1 fairlead";

std::string_view OptionText(ConnectionOption option) {
  switch (option) {
    case ConnectionOption::kNone:
      return "";
    case ConnectionOption::kKeepAlive:
      return "keep-alive";
    case ConnectionOption::kClose:
      return "close";
    case ConnectionOption::kUpgrade:
      return "upgrade";
  }
  return "";
}

// The option, and "upgrade" beside it: what goes with an Upgrade that only names protocols.
std::string_view OptionWithUpgrade(ConnectionOption option) {
  switch (option) {
    case ConnectionOption::kKeepAlive:
      return "keep-alive, upgrade";
    case ConnectionOption::kClose:
      return "close, upgrade";
    default:
      return "upgrade";
  }
}

// Whether a CGI-like backend, which makes an underscore of '-', cannot tell the name from that one.
bool ReadsAs(std::string_view name, std::string_view lower_case) {
  const auto same = [](char a, char b) { return http1::ToLower(a == '_' ? '-' : a) == b; };
  return std::equal(name.begin(), name.end(), lower_case.begin(), lower_case.end(), same);
}

// Whether the field says who asks, in any spelling.
bool IsClaim(std::string_view name) {
  constexpr std::string_view kForwarded = "x-forwarded-";
  return ReadsAs(name.substr(0, kForwarded.size()), kForwarded) || ReadsAs(name, "x-real-ip") ||
         ReadsAs(name, "x-request-id");
}

// A stranger's claims go. A trusted proxy's stay, but not in a spelling with underscores: its client may have
// sent that past it.
void RemoveClaims(bool believed, http1::Fields* fields) {
  std::vector<std::string_view> names;
  for (const http1::Field& field : *fields) {
    const bool proper = believed && field.name.find('_') == std::string_view::npos;
    if (!proper && IsClaim(field.name)) names.push_back(field.name);
  }
  for (const std::string_view name : names) fields->Remove(name);
}

// RFC 7239 §6: an IPv6 node is bracketed and quoted.
std::string ForwardedNode(const std::optional<base::IpAddress>& ip) {
  if (!ip) return "unknown";
  return ip->is_v4() ? ip->ToString() : fmt::format("\"[{}]\"", ip->ToString());
}

void AppendTo(http1::Fields* fields, std::string_view name, std::string_view value) {
  std::string joined;
  for (const http1::Field& field : *fields) {
    if (http1::EqualsIgnoreCase(field.name, name)) joined.append(field.value).append(", ");
  }
  joined.append(value);
  fields->Set(name, fields->Keep(std::move(joined)));
}

void AddForwardedFields(const ForwardedRequest& request, http1::Fields* fields) {
  const ClientIdentity& client = request.client;
  const auto set = [fields](std::string_view name, std::string_view value) {
    if (value.empty()) {
      fields->Remove(name);
    } else {
      fields->Set(name, value);
    }
  };
  RemoveClaims(client.believed, fields);
  set("X-Forwarded-For", client.forwarded_for);
  set("X-Forwarded-Proto", client.proto);
  set("X-Forwarded-Host", client.host);
  set("X-Forwarded-Port", client.port);
  // Behind those of trusted proxies, each of which has added that of its client.
  if (!client.certificate.empty()) AppendTo(fields, "X-Forwarded-Client-Cert", client.certificate);
  set("X-Real-IP", request.variables.client_ip);
  set("X-Request-Id", request.variables.request_id);
  if (!client.believed) fields->Remove("Forwarded");
  if (request.route.forwarded_header()) {
    AppendTo(fields, "Forwarded",
             fmt::format("for={};host=\"{}\";proto={}", ForwardedNode(client.ip), client.host, client.proto));
  }
  if (request.route.via_header()) AppendTo(fields, "Via", kVia);
}

// What was agreed on here takes the place of what a balancer in front said.
void Describe(const ConnectionInfo& connection, proxy_protocol::Header* header) {
  const tls::HandshakeInfo& info = *connection.tls;
  const bool certificate = info.peer.has_value();
  header->authority = info.server_name;
  header->alpn = info.alpn;
  header->tls = {.certificate_given = certificate,
                 .certificate_verified = certificate,
                 .version = info.version,
                 .common_name = certificate ? std::string(NameOf(*info.peer)) : "",
                 .cipher = info.cipher};
}

}  // namespace

std::string ProxyHeaderFor(config::SendProxyProtocol version, const ConnectionInfo& connection) {
  proxy_protocol::Header header = connection.proxied.value_or(proxy_protocol::Header());
  if (!connection.proxied || header.source) {  // who was not named to us is not named on
    header.source = connection.peer;
    header.destination = connection.local;
  }
  if (connection.tls != nullptr) Describe(connection, &header);
  switch (version) {
    case config::SendProxyProtocol::kDisabled:
      return "";
    case config::SendProxyProtocol::kV1:
      return proxy_protocol::WriteV1(header);
    case config::SendProxyProtocol::kV2:
      return proxy_protocol::WriteV2(header);
  }
  return "";
}

std::string RequestHeadFor(const ForwardedRequest& request) {
  const http1::RequestHead& head = request.head;
  http1::Fields fields;
  fields.Reserve(head.fields.size() + 12);
  http1::CopyEndToEnd(head.fields, head.body.framing, &fields);
  CountDownMaxForwards(head.method, &fields);
  const auto& host = request.route.rewrite_host();
  fields.Set("Host", host ? std::string_view(*host) : head.host);
  AddForwardedFields(request, &fields);
  request.route.request_headers().Apply(request.variables, &fields);
  http1::AddFraming(head.body, &fields);
  if (!request.upgrade.empty()) fields.Add("Upgrade", request.upgrade);
  if (const auto& allowed = request.route.subprotocols();
      !allowed.empty() && http1::EqualsIgnoreCase(request.upgrade, "websocket")) {
    fields.Set("Sec-WebSocket-Protocol", fields.Keep(websocket::AllowedSubprotocols(head.fields, allowed)));
  }
  http1::AddConnection(request.upgrade.empty() ? "close" : "upgrade", &fields);

  std::string target = request.route.RewritePath(head.path);
  target.append(head.target.substr(head.path.size()));
  std::string out;
  http1::AppendRequestHead(head.method, target, fields, &out);
  return out;
}

std::string ResponseHeadFor(const ForwardedResponse& response) {
  const http1::ResponseHead& head = response.head;
  http1::Fields fields;
  fields.Reserve(head.fields.size() + 4);
  http1::CopyEndToEnd(head.fields, response.body.framing, &fields);
  if (response.route.via_header()) AppendTo(&fields, "Via", kVia);
  response.route.response_headers().Apply(response.variables, &fields);
  for (const std::string& cookie : response.set_cookies) fields.Add("Set-Cookie", cookie);
  http1::AddFraming(response.body, &fields);
  // A 426 must say what to upgrade to (RFC 9110 §15.5.22).
  const bool wanted = head.status == 426 && !head.upgrade.empty();
  if (wanted || response.connection == ConnectionOption::kUpgrade) fields.Add("Upgrade", head.upgrade);
  http1::AddConnection(wanted ? OptionWithUpgrade(response.connection) : OptionText(response.connection),
                       &fields);
  std::string out;
  http1::AppendResponseHead(head.status, head.reason, fields, &out);
  return out;
}

}  // namespace fairlead::proxy
