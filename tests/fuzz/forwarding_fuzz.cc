// Whatever head comes, what is made of it for the next hop is one head and nothing else: of the same meaning,
// with one host and one framing, and with no word about the client that the proxy does not stand for.
//
// The first byte of the input says by which route it goes; of the second the lowest bit says that it is a
// response, the next that the client is a trusted proxy, the one behind that the client's TLS. Then comes a
// length and as many bytes of a server name, then the head.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/http1/ascii.h"
#include "pkg/http1/request_reader.h"
#include "pkg/http1/response_reader.h"
#include "pkg/proxy/client_certificate.h"
#include "pkg/proxy/forwarding.h"
#include "pkg/proxy/max_forwards.h"
#include "pkg/proxy/upgrade_request.h"

namespace {

using fairlead::http1::Event;
using fairlead::http1::Fields;
using fairlead::http1::HeadLimits;
using fairlead::http1::RequestHead;
using fairlead::http1::RequestReader;
using fairlead::http1::ResponseHead;
using fairlead::http1::ResponseReader;
using fairlead::proxy::ClientIdentity;
using fairlead::proxy::ConnectionInfo;
using fairlead::proxy::ConnectionOption;
using fairlead::route::Route;
using fairlead::route::Variables;

constexpr HeadLimits kLimits{.max_head_bytes = 4000, .max_start_line_bytes = 2000, .max_fields = 50};
// What is made of it may be longer.
constexpr HeadLimits kWide{.max_head_bytes = 1 << 20, .max_start_line_bytes = 1 << 19, .max_fields = 1000};

void Require(bool holds) {
  if (!holds) std::abort();
}

std::array<Route, 4> MakeRoutes() {
  fairlead::config::Route plain;
  plain.match.path = fairlead::config::PrefixMatch{"/"};
  fairlead::config::Route any = plain;
  any.upgrades = {"*"};
  any.forwarded_header = any.via_header = true;
  fairlead::config::Route rules = plain;
  rules.upgrades = {"websocket"};
  rules.request_headers = {.set = {{"x-tls", "%tls_server_name% of %host%"}, {"x-ip", "%client_ip%"}},
                           .add = {{"x-more", "%request_id%"}},
                           .remove = {"cookie"}};
  rules.response_headers = {
      .set = {{"x-from", "%cluster%"}}, .add = {{"x-id", "%request_id%"}}, .remove = {"server"}};
  fairlead::config::Route rewrite = plain;
  rewrite.match.path = fairlead::config::PrefixMatch{"/ws"};
  rewrite.upgrades = {"websocket"};
  rewrite.rewrite = {.prefix = "/", .host = "backend.internal"};
  rewrite.websocket.subprotocols = {"chat", "mqtt"};
  const auto compiled = [](const fairlead::config::Route& route) {
    return Route("all", route, {{.cluster = "chat"}});
  };
  return {compiled(plain), compiled(any), compiled(rules), compiled(rewrite)};
}

struct Case {
  const Route& route;
  bool trusted;
  ConnectionInfo connection;
};

// How the backend of a CGI-like server reads a name.
std::string Folded(std::string_view name) {
  std::string folded;
  for (const char c : name) folded.push_back(c == '_' ? '-' : fairlead::http1::ToLower(c));
  return folded;
}

size_t CountFolded(const Fields& fields, std::string_view name) {
  return std::count_if(fields.begin(), fields.end(),
                       [&](const auto& field) { return Folded(field.name) == name; });
}

// That the text is a start line and these fields, line by line, and nothing that could be read otherwise.
void RequireLines(std::string_view text, const Fields& fields) {
  size_t lines = 0;
  for (size_t at = 0; at < text.size(); ++lines) {
    const size_t end = text.find_first_of(std::string_view("\r\n\0", 3), at);
    Require(end != std::string_view::npos && text.substr(end, 2) == "\r\n");
    at = end + 2;
  }
  Require(lines == fields.size() + 2);
  Require(fields.Count("Connection") <= 1 && fields.Count("Upgrade") <= 1);
  Require(fields.Count("Content-Length") + fields.Count("Transfer-Encoding") <= 1);
}

void RequireClaims(const Fields& fields, const ClientIdentity& client, const Variables& variables) {
  const auto require = [&](std::string_view name, std::string_view value) {
    Require(CountFolded(fields, name) == (value.empty() ? 0 : 1));
    Require(value.empty() || fields.Get(name) == value);
  };
  require("x-forwarded-for", client.forwarded_for);
  require("x-forwarded-proto", client.proto);
  require("x-forwarded-host", client.host);
  require("x-forwarded-port", client.port);
  require("x-real-ip", variables.client_ip);
  require("x-request-id", variables.request_id);
  if (!client.believed) require("x-forwarded-client-cert", client.certificate);
}

void ForwardRequest(const Case& setting, std::string_view in) {
  RequestReader reader(kLimits);
  if (reader.Next(&in) != Event::kHead) return;
  const RequestHead& head = reader.head();
  if (fairlead::proxy::CheckMaxForwards(head)) return;
  // What the route with a prefix takes: nothing else is ever rewritten by it.
  if (head.path != "/ws" && !head.path.starts_with("/ws/")) return;
  const std::string_view upgrade = fairlead::proxy::ChooseUpgrade(head, setting.route);
  if (fairlead::proxy::CheckUpgrade(head, upgrade, setting.route)) return;
  // An HTTP/1.0 client that names no host: an empty one goes on, which our own reader would refuse.
  if (head.host.empty() && !setting.route.rewrite_host()) return;

  const std::vector<fairlead::base::Cidr> trusted = {*fairlead::base::Cidr::Parse("10.0.0.0/8")};
  const ClientIdentity client = Identify(head, setting.connection, trusted);
  Require(client.believed == setting.trusted);
  const std::string client_ip = client.ip ? client.ip->ToString() : "";
  Variables variables = TlsVariables(setting.connection);
  variables.client_ip = client_ip;
  variables.host = head.host;
  variables.request_id = "0123456789abcdef";
  const std::string text = fairlead::proxy::RequestHeadFor(
      {.head = head, .route = setting.route, .client = client, .variables = variables, .upgrade = upgrade});

  RequestReader next_hop(kWide);
  std::string_view rest = text;
  Require(next_hop.Next(&rest) == Event::kHead);
  const RequestHead& made = next_hop.head();
  Require(rest.empty());
  RequireLines(text, made.fields);
  Require(made.method == head.method && made.query == head.query && made.body == head.body);
  Require(made.upgrade == upgrade && made.keep_alive == !upgrade.empty());
  Require(made.fields.Count("Host") == 1);
  Require(made.host == (setting.route.rewrite_host() ? *setting.route.rewrite_host() : head.host));
  RequireClaims(made.fields, client, variables);
}

void ForwardResponse(const Case& setting, std::string_view in) {
  ResponseReader reader(kLimits, "GET");
  if (reader.Next(&in) != Event::kHead) return;
  const ResponseHead& head = reader.head();
  if (head.status < 200) return;
  const fairlead::http1::BodyFraming body = FramingForClient(head.body, 1);
  const std::vector<std::string> cookies = {"a=b; Path=/"};
  const std::string text = fairlead::proxy::ResponseHeadFor(
      {.head = head,
       .route = setting.route,
       .variables = {.request_id = "0123456789abcdef", .cluster = "chat"},
       .body = body,
       .connection = setting.trusted ? ConnectionOption::kClose : ConnectionOption::kNone,
       .set_cookies = cookies});

  ResponseReader client(kWide, "GET");
  std::string_view rest = text;
  Require(client.Next(&rest) == Event::kHead);
  Require(rest.empty());
  RequireLines(text, client.head().fields);
  Require(client.head().status == head.status && client.head().body == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::array<Route, 4> routes = MakeRoutes();
  if (size < 3) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::string_view server_name = input.substr(0, data[2]);
  input.remove_prefix(server_name.size());
  const bool trusted = (data[1] & 2) != 0;
  Case setting{.route = routes[data[0] % routes.size()],
               .trusted = trusted,
               .connection = {.peer = *fairlead::base::SocketAddress::Parse(trusted ? "10.0.0.1:40000"
                                                                                    : "198.51.100.7:40000"),
                              .local = *fairlead::base::SocketAddress::Parse("192.0.2.1:443")}};
  if ((data[1] & 4) != 0) {
    // The name is the client's; so may be the subject of a certificate that some authority has signed.
    setting.connection.tls = std::make_unique<fairlead::tls::HandshakeInfo>(
        fairlead::tls::HandshakeInfo{.version = "TLSv1.3",
                                     .cipher = "TLS_AES_128_GCM_SHA256",
                                     .server_name = std::string(server_name),
                                     .alpn = "",
                                     .peer = fairlead::tls::PeerIdentity{.subject = std::string(server_name),
                                                                         .dns_names = {},
                                                                         .uris = {std::string(server_name)},
                                                                         .spiffe_id = "",
                                                                         .fingerprint = "00"}});
  }
  (data[1] & 1) != 0 ? ForwardResponse(setting, input) : ForwardRequest(setting, input);
  return 0;
}
