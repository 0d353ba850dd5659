#include "pkg/config/read_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/quote.h"
#include "pkg/config/read_access.h"
#include "pkg/config/read_drain.h"
#include "pkg/config/read_header_rules.h"
#include "pkg/config/read_match.h"
#include "pkg/config/read_timeouts.h"
#include "pkg/config/read_websocket.h"

namespace fairlead::config {
namespace {

constexpr NumberRange kWeight = {0, 65535};
constexpr int kDefaultRedirect = 308;

void CheckCluster(const std::string& name, const Unique& clusters, const Path& path, Report& report) {
  if (name.empty()) {
    report.Add(path, "is missing", "name a cluster");
  } else if (!clusters.Has(name)) {
    report.Add(path, fmt::format("there is no cluster {}", Quote(name)),
               "name one that is listed under clusters");
  }
}

std::vector<WeightedCluster> ReadClusters(const v1::Route& message, const Unique& clusters, const Path& path,
                                          Report& report) {
  std::vector<WeightedCluster> targets;
  Unique names("cluster");
  uint64_t total = 0;
  for (int i = 0; i < message.clusters_size(); ++i) {
    const Path item = path.Index(i), name = item.Field("name");
    const v1::WeightedCluster& cluster = message.clusters(i);
    CheckCluster(cluster.name(), clusters, name, report);
    names.Add(cluster.name(), name, report);
    WeightedCluster target{.name = cluster.name()};
    if (cluster.has_weight()) {
      target.weight = ReadNumber(cluster.weight(), kWeight, item.Field("weight"), report);
    }
    total += target.weight;
    targets.push_back(std::move(target));
  }
  if (targets.empty()) {
    report.Add(path, "is empty", "list clusters");
  } else if (total == 0) {
    report.Add(path, "has no weight above 0", "give one of the clusters a weight");
  }
  return targets;
}

Redirect ReadRedirect(const v1::Redirect& message, const Path& path, Report& report) {
  constexpr int kStatuses[] = {301, 302, 303, 307, 308};
  Redirect redirect{message.scheme(), message.host(), message.path(), kDefaultRedirect};
  if (!redirect.scheme.empty() && redirect.scheme != "http" && redirect.scheme != "https") {
    report.Add(path.Field("scheme"), fmt::format("{} is no scheme", Quote(redirect.scheme)),
               "write http or https");
  }
  if (!redirect.host.empty()) CheckHost(redirect.host, path.Field("host"), report);
  if (!redirect.path.empty()) CheckPathAndQuery(redirect.path, path.Field("path"), report);
  if (redirect.scheme.empty() && redirect.host.empty() && redirect.path.empty()) {
    report.Add(path, "leads back to where it came from", "give scheme, host or path");
  }
  const auto status = static_cast<int>(message.status());
  if (status != 0) redirect.status = status;
  if (std::find(std::begin(kStatuses), std::end(kStatuses), redirect.status) == std::end(kStatuses)) {
    report.Add(path.Field("status"), fmt::format("{} is no redirect", message.status()),
               "give 301, 302, 303, 307 or 308");
  }
  return redirect;
}

std::variant<std::vector<WeightedCluster>, Redirect> ReadAction(const v1::Route& message,
                                                                const Unique& clusters, const Path& path,
                                                                Report& report) {
  const Path cluster = path.Field("cluster"), list = path.Field("clusters"),
             redirect = path.Field("redirect");
  const bool one = !message.cluster().empty() || report.WrittenInFile(cluster);
  const bool many = message.clusters_size() > 0 || report.WrittenInFile(list);
  const int given = one + many + message.has_redirect();
  if (given == 0) report.Add(cluster, "is missing", "name a cluster, or give clusters or redirect");
  if (given > 1) {
    report.Add(path, "goes to more than one of cluster, clusters and redirect", "leave one of them");
  }
  if (message.has_redirect()) return ReadRedirect(message.redirect(), redirect, report);
  if (many) return ReadClusters(message, clusters, list, report);
  if (one) CheckCluster(message.cluster(), clusters, cluster, report);
  return std::vector<WeightedCluster>{{.name = message.cluster()}};
}

std::vector<std::string> ReadUpgrades(const v1::Route& message, const Path& path, Report& report) {
  if (!message.has_upgrades()) return {"websocket"};
  std::vector<std::string> upgrades;
  for (int i = 0; i < message.upgrades().tokens_size(); ++i) {
    std::string token = ReadUpgradeToken(message.upgrades().tokens(i), path.Index(i), report);
    if (token == "*" && message.upgrades().tokens_size() > 1) {
      report.Add(path.Index(i), "stands beside others, which it includes", "leave it alone in the list");
    }
    if (std::find(upgrades.begin(), upgrades.end(), token) != upgrades.end()) {
      report.Add(path.Index(i), "is there already", "leave it out");
    }
    upgrades.push_back(std::move(token));
  }
  return upgrades;
}

Rewrite ReadRewrite(const v1::Rewrite& message, const RouteMatch& match, const Path& path, Report& report) {
  Rewrite rewrite;
  if (message.has_prefix()) {
    CheckPath(message.prefix(), path.Field("prefix"), report);
    rewrite.prefix = message.prefix();
    if (!std::holds_alternative<PrefixMatch>(match.path)) {
      report.Add(path.Field("prefix"), "has no prefix to replace", "match by prefix, or leave it out");
    }
  }
  if (message.has_host()) {
    CheckHost(message.host(), path.Field("host"), report);
    rewrite.host = message.host();
  }
  return rewrite;
}

// No backend is asked: what is about the way there and back stays without effect.
void CheckRedirectAlone(const v1::Route& message, const Path& path, Report& report) {
  const auto refuse = [&](bool given, std::string_view name) {
    if (given) {
      report.Add(path.Field(name), "is of no use beside redirect", "leave it out");
    }
  };
  refuse(message.has_upgrades(), "upgrades");
  refuse(message.has_rewrite(), "rewrite");
  refuse(message.has_request_headers(), "request_headers");
  refuse(message.has_response_headers(), "response_headers");
  refuse(message.forwarded_header(), "forwarded_header");
  refuse(message.via_header(), "via_header");
  refuse(message.has_keepalive(), "keepalive");
  refuse(message.has_websocket(), "websocket");
  refuse(message.on_removed() != v1::ON_REMOVED_UNSPECIFIED, "on_removed");
  refuse(message.origins_size() > 0, "origins");
  refuse(message.origin_required(), "origin_required");
}

}  // namespace

Route ReadRoute(const v1::Route& message, const Unique& clusters, const Path& path, Report& report) {
  const Path match = path.Field("match"), request = path.Field("request_headers"),
             response = path.Field("response_headers");
  Route route;
  route.name = message.name();
  CheckName(route.name, path.Field("name"), report);
  if (message.has_match()) {
    route.match = ReadMatch(message.match(), match, report);
  } else {
    report.Add(match, "is missing", "say what it takes; {prefix: /} takes all");
  }
  route.action = ReadAction(message, clusters, path, report);
  if (std::holds_alternative<Redirect>(route.action)) {
    CheckRedirectAlone(message, path, report);
  } else {
    route.upgrades = ReadUpgrades(message, path.Field("upgrades"), report);
    route.rewrite = ReadRewrite(message.rewrite(), route.match, path.Field("rewrite"), report);
    route.request_headers = ReadHeaderRules(message.request_headers(), request, report);
    route.response_headers = ReadHeaderRules(message.response_headers(), response, report);
    route.forwarded_header = message.forwarded_header();
    route.via_header = message.via_header();
    route.keepalive = ReadKeepalive(message.keepalive(), path.Field("keepalive"), report);
    route.websocket = ReadWebSocket(message.websocket(), path.Field("websocket"), report);
    route.origins = ReadOrigins(message, path, report);
    route.on_removed = ReadOnRemoved(message, path, report);
  }
  route.client_addresses =
      ReadAddressRules(message.client_addresses(), path.Field("client_addresses"), report);
  route.timeouts = ReadTimeouts(message.timeouts(), path.Field("timeouts"), report);
  return route;
}

}  // namespace fairlead::config
