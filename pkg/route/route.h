#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/route/access.h"
#include "pkg/route/header_rules.h"
#include "pkg/websocket/rules.h"

namespace fairlead::route {

// A cluster that a route sends to.
struct Target {
  std::string cluster;
  size_t cluster_index = 0;  // its place in the configuration's list, and so in the snapshot's
  uint32_t weight = 1;
};

// What is to be done with the requests that a route matched. Immutable; lives in a RouteTable.
class Route {
 public:
  // `targets` is empty for a redirect.
  Route(std::string virtual_host, const config::Route& route, std::vector<Target> targets);

  const std::string& name() const { return name_; }
  const std::string& virtual_host() const { return virtual_host_; }

  // Where set, the request is answered with this and goes to no cluster.
  const std::optional<config::Redirect>& redirect() const { return redirect_; }
  // Not for a redirect. One of the targets, each as often as its weight says.
  const Target& PickTarget(base::Random& random) const;

  // Whether a request may upgrade to `token` (one protocol of the Upgrade header, any case). Never to h2c: a
  // tunnel of requests that nobody looks at is a way around every route.
  bool AllowsUpgrade(std::string_view token) const;

  // Who may ask here at all: by the page that makes its browser ask, and by its address.
  const OriginRules& origins() const { return origins_; }
  const AddressRules& client_addresses() const { return client_addresses_; }

  // The path to ask the backend for.
  std::string RewritePath(std::string_view path) const;
  // The Host to send in place of the client's; nothing = the client's.
  const std::optional<std::string>& rewrite_host() const { return rewrite_host_; }

  const HeaderRules& request_headers() const { return request_headers_; }
  const HeaderRules& response_headers() const { return response_headers_; }
  bool forwarded_header() const { return forwarded_header_; }
  bool via_header() const { return via_header_; }
  const config::Timeouts& timeouts() const { return timeouts_; }
  // For WebSockets; shared by the tunnels, which outlive the route.
  const std::shared_ptr<const websocket::Rules>& websocket_rules() const { return websocket_rules_; }
  // Those that clients may ask for; empty = any.
  const std::vector<std::string>& subprotocols() const { return subprotocols_; }

 private:
  // The first `matched_size` bytes of the path become `replacement`.
  struct PrefixRewrite {
    size_t matched_size = 0;
    std::string replacement;
  };

  std::string name_;
  std::string virtual_host_;
  std::optional<config::Redirect> redirect_;
  std::vector<Target> targets_;
  uint64_t total_weight_ = 0;
  std::vector<std::string> upgrades_;
  std::optional<PrefixRewrite> rewrite_prefix_;
  std::optional<std::string> rewrite_host_;
  HeaderRules request_headers_;
  HeaderRules response_headers_;
  bool forwarded_header_;
  bool via_header_;
  config::Timeouts timeouts_;
  std::shared_ptr<const websocket::Rules> websocket_rules_;
  std::vector<std::string> subprotocols_;
  OriginRules origins_;
  AddressRules client_addresses_;
};

}  // namespace fairlead::route
