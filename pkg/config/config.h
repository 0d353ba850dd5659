#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pkg/base/address.h"
#include "pkg/base/clock.h"
#include "pkg/config/drain.h"
#include "pkg/config/resilience.h"
#include "pkg/config/tls.h"

namespace fairlead::config {

// Configuration as plain values: what every source (file, push) is turned into, with defaults filled in and
// references checked. docs/configuration.md explains each field; the comments here only add what a reader of
// the code needs. A Duration of zero means "off" wherever the documentation allows it.

struct ListenerLimits {
  uint32_t max_connections = 0;  // per listener over all workers; 0 = unlimited
  uint32_t max_header_bytes = 32768;
  base::Duration handshake_timeout{10000};
  uint32_t upgrades_per_second = 0;  // of all clients, over all workers; 0 = unlimited
  uint32_t upgrades_per_second_per_client = 0;
  uint32_t upgrade_queue = 0;  // of those beyond upgrades_per_second
  uint32_t max_connections_per_client = 0;
  uint32_t min_body_rate = 240;  // bytes a second; 0 = none

  bool operator==(const ListenerLimits&) const = default;
};

enum class ProxyProtocol : uint8_t { kDisabled, kOptionalFromTrusted, kRequired };

struct Listener {
  std::string name;
  base::SocketAddress address;
  std::vector<base::Cidr> trusted_proxies;
  ListenerLimits limits;
  ProxyProtocol proxy_protocol = ProxyProtocol::kDisabled;
  std::optional<ListenerTls> tls;  // nothing = in the clear

  bool operator==(const Listener&) const = default;
};

struct PrefixMatch {
  std::string prefix;  // on path-segment boundaries: "/ws" matches "/ws" and "/ws/a", not "/wsx"

  bool operator==(const PrefixMatch&) const = default;
};
struct ExactMatch {
  std::string path;

  bool operator==(const ExactMatch&) const = default;
};
struct RegexMatch {
  std::string pattern;  // RE2, matched against the whole path

  bool operator==(const RegexMatch&) const = default;
};

// A header or query parameter that must be there; with `exact`, with that value.
struct ValueMatch {
  std::string name;
  std::optional<std::string> exact;

  bool operator==(const ValueMatch&) const = default;
};

struct RouteMatch {
  std::variant<PrefixMatch, ExactMatch, RegexMatch> path;
  std::string method;  // empty = any
  std::vector<ValueMatch> headers;
  std::vector<ValueMatch> query;

  bool operator==(const RouteMatch&) const = default;
};

struct WeightedCluster {
  std::string name;
  uint32_t weight = 1;

  bool operator==(const WeightedCluster&) const = default;
};

struct Redirect {
  std::string scheme;  // empty = as requested; likewise host and path
  std::string host;
  std::string path;
  int status = 308;  // 301, 302, 303, 307 or 308

  bool operator==(const Redirect&) const = default;
};

struct Rewrite {
  std::optional<std::string> prefix;  // replaces what a prefix match matched
  std::optional<std::string> host;

  bool operator==(const Rewrite&) const = default;
};

struct HeaderRules {
  std::map<std::string, std::string> set;  // names in lower case; values may contain %variables%
  std::map<std::string, std::string> add;
  std::vector<std::string> remove;

  bool operator==(const HeaderRules&) const = default;
};

struct Timeouts {
  static constexpr base::Duration kIdle{300000};

  base::Duration connect{5000};
  base::Duration response{60000};
  std::optional<base::Duration> idle;  // nothing = kIdle, or off for WebSockets that get pings
  base::Duration write{60000};
  base::Duration half_closed{30000};
  base::Duration keep_alive{60000};
  base::Duration max_lifetime{0};
  int max_lifetime_jitter_percent = 10;

  bool operator==(const Timeouts&) const = default;
};

enum class PingTarget : uint8_t { kClient, kBackend, kBoth };

struct Keepalive {
  base::Duration interval{30000};
  base::Duration timeout{20000};
  PingTarget send_to = PingTarget::kClient;

  bool operator==(const Keepalive&) const = default;
};

// 0 = unlimited.
struct WebSocket {
  uint32_t max_frame_bytes = 0;
  uint32_t max_message_bytes = 0;
  uint32_t max_messages_per_second = 0;
  bool strict = false;
  std::vector<std::string> subprotocols;  // empty = any

  bool operator==(const WebSocket&) const = default;
};

// Who may ask, by the page that makes the browser ask.
struct OriginRules {
  std::vector<std::string>
      allowed;            // as http1::NormalizeOrigin writes them, or "https://*.suffix"; empty = any
  bool required = false;  // a request without Origin is refused as well

  bool operator==(const OriginRules&) const = default;
};

// Who may ask, by its address.
struct AddressRules {
  std::vector<base::Cidr> allow;  // empty = all
  std::vector<base::Cidr> deny;   // beats allow

  bool operator==(const AddressRules&) const = default;
};

struct Route {
  std::string name;
  RouteMatch match;
  std::variant<std::vector<WeightedCluster>, Redirect> action;
  std::vector<std::string> upgrades;  // lower case; {"*"} = any
  Rewrite rewrite;
  HeaderRules request_headers;
  HeaderRules response_headers;
  bool forwarded_header = false;  // also send RFC 7239 Forwarded
  bool via_header = false;        // also send RFC 9110 §7.6.3 Via, both ways
  Timeouts timeouts;
  Keepalive keepalive;
  WebSocket websocket;
  OriginRules origins;
  AddressRules client_addresses;
  OnRemoved on_removed = OnRemoved::kKeep;

  bool operator==(const Route&) const = default;
};

struct VirtualHost {
  std::string name;
  std::vector<std::string> listeners;  // empty = all
  std::vector<std::string> domains;    // lower case: exact, "*.suffix" or "*"
  std::vector<Route> routes;

  bool operator==(const VirtualHost&) const = default;
};

enum class EndpointState : uint8_t { kActive, kDraining };

struct Endpoint {
  std::string id;  // tells a reused address from the same one; empty = the address alone
  base::SocketAddress address;
  std::string hash_id;  // what hashing sees; empty = the address
  uint32_t weight = 1;  // 0–65535; 0 = takes no new tunnels
  EndpointState state = EndpointState::kActive;
  std::string zone;
  uint32_t priority = 0;  // 0–127; 0 is used first

  bool operator==(const Endpoint&) const = default;
};

struct Dns {
  std::string name;
  uint16_t port = 0;
  base::Duration refresh_interval{5000};

  bool operator==(const Dns&) const = default;
};

enum class Policy : uint8_t {
  kRoundRobin,
  kLeastConnections,
  kMaglev,
  kRandomTwoChoices,
  kRingHash,
  kRendezvous,
};

// Whether it places by key.
constexpr bool Hashes(Policy policy) {
  return policy == Policy::kMaglev || policy == Policy::kRingHash || policy == Policy::kRendezvous;
}

struct SourceIpKey {
  unsigned ipv4_prefix_length = 32;
  unsigned ipv6_prefix_length = 128;

  bool operator==(const SourceIpKey&) const = default;
};
struct HeaderKey {
  std::string name;  // in lower case

  bool operator==(const HeaderKey&) const = default;
};

struct CookieIssue {
  std::string path = "/";
  base::Duration ttl{0};  // 0 = until the client is closed
  SameSite same_site = SameSite::kLax;
  bool secure = false;
  bool http_only = true;

  bool operator==(const CookieIssue&) const = default;
};
struct CookieKey {
  std::string name;
  std::optional<CookieIssue> issue;  // for a client that has none

  bool operator==(const CookieKey&) const = default;
};
struct QueryKey {
  std::string name;

  bool operator==(const QueryKey&) const = default;
};
struct PathKey {
  uint32_t segments = 0;  // 0 = the whole path

  bool operator==(const PathKey&) const = default;
};
using HashKey = std::variant<SourceIpKey, HeaderKey, CookieKey, QueryKey, PathKey>;

struct LoadBalancing {
  Policy policy = Policy::kRoundRobin;
  std::vector<HashKey> hash_key;       // the first that yields a value wins
  uint32_t bounded_load_permille = 0;  // the factor in thousandths; 0 = unbounded
  base::Duration slow_start{0};
  uint32_t panic_threshold_percent = 50;
  uint32_t failover_threshold_percent = 70;
  bool prefer_same_zone = false;
  uint32_t maglev_table_size = 65537;  // a prime

  bool operator==(const LoadBalancing&) const = default;
};

enum class Membership : uint8_t { kConfig, kApi };

enum class SendProxyProtocol : uint8_t { kDisabled, kV1, kV2 };

struct Cluster {
  std::string name;
  std::vector<Endpoint> endpoints;
  std::optional<Dns> dns;  // instead of endpoints
  LoadBalancing load_balancing;
  Membership membership = Membership::kConfig;
  SendProxyProtocol proxy_protocol = SendProxyProtocol::kDisabled;
  std::optional<ClusterTls> tls;  // nothing = in the clear
  Resilience resilience;          // in the file, its members stand beside the others

  bool operator==(const Cluster&) const = default;
};

struct Overload {
  uint32_t max_buffered_bytes = 0;  // 0 = unlimited

  bool operator==(const Overload&) const = default;
};

// What may change while the proxy runs.
struct Config {
  Drain drain;
  Overload overload;
  std::vector<Listener> listeners;
  std::vector<VirtualHost> virtual_hosts;
  std::vector<Cluster> clusters;

  bool operator==(const Config&) const = default;
};

struct Node {
  std::string id;
  std::string zone;

  bool operator==(const Node&) const = default;
};

enum class AccessLogMode : uint8_t { kEnd, kOpenAndEnd, kDisabled };

struct AccessLog {
  AccessLogMode mode = AccessLogMode::kEnd;
  std::string path;  // empty = stdout

  bool operator==(const AccessLog&) const = default;
};

enum class Owner : uint8_t { kFile, kPush, kFleet };

enum class ControlRole : uint8_t { kReader, kEndpointWriter, kConfigWriter, kDrainer };

struct ControlGrant {
  std::string peer;  // a URI or DNS name of the certificate
  std::vector<ControlRole> roles;

  bool operator==(const ControlGrant&) const = default;
};

struct ControlTls {
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;
  std::vector<ControlGrant> grants;

  bool operator==(const ControlTls&) const = default;
};

struct Fleet {
  std::string address;      // "host:port" or "unix:/path"
  std::string server_name;  // empty = the host of the address
  std::string ca_file;      // empty = plaintext: a unix socket or loopback
  std::string cert_file;    // both or neither
  std::string key_file;
  std::string token_file;  // empty = no token

  bool operator==(const Fleet&) const = default;
};

struct Control {
  Owner owner = Owner::kFile;
  std::optional<base::SocketAddress> address;  // nothing = not served
  std::string state_dir;                       // empty = nothing is kept
  std::string secret_dir;                      // likewise, of keys
  std::optional<ControlTls> tls;               // where the address is a port
  std::optional<Fleet> fleet;

  bool operator==(const Control&) const = default;
};

// What is read once at start: a change says "needs a restart".
struct Bootstrap {
  Node node;
  std::optional<base::SocketAddress> telemetry;  // nothing = port closed; likewise admin
  std::optional<base::SocketAddress> admin;
  AccessLog access_log;
  uint32_t workers = 0;  // 0 = one for each CPU that may be used
  Control control;

  bool operator==(const Bootstrap&) const = default;
};

}  // namespace fairlead::config
