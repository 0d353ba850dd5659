// Any text is a configuration or has violations. What is one stays the same through its JSON form and through
// its messages, compiles, and leads requests along its own routes only.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "pkg/config/load.h"
#include "pkg/config/messages.h"
#include "pkg/config/to_json.h"
#include "pkg/snapshot/snapshot.h"

namespace {

namespace config = fairlead::config;
using config::Loaded;
using config::Violation;
using fairlead::route::RequestView;
using fairlead::snapshot::Snapshot;

void Require(bool holds, std::string_view what, const std::vector<Violation>& violations = {}) {
  if (holds) return;
  std::cerr << what << "\n";
  for (const Violation& violation : violations) std::cerr << violation.ToString() << "\n";
  std::abort();
}

// Tables are large; how they are made is the same for all of them.
bool IsSmall(const config::Config& config) {
  constexpr size_t kClusters = 3, kEndpoints = 50;
  return config.clusters.size() <= kClusters &&
         std::all_of(config.clusters.begin(), config.clusters.end(),
                     [](const config::Cluster& cluster) { return cluster.endpoints.size() <= kEndpoints; });
}

bool Covers(std::string_view domain, std::string_view host) {
  if (domain == "*" || domain == host) return true;
  return domain.starts_with("*.") && host.ends_with(domain.substr(1)) && host.size() >= domain.size();
}

bool Covers(const config::RouteMatch& match, const RequestView& request) {
  if (!match.method.empty() && match.method != request.method) return false;
  if (!match.headers.empty() || !match.query.empty()) return false;  // the requests here have none
  if (const auto* exact = std::get_if<config::ExactMatch>(&match.path)) return exact->path == request.path;
  const auto* prefix = std::get_if<config::PrefixMatch>(&match.path);
  if (prefix == nullptr) return true;
  if (!request.path.starts_with(prefix->prefix)) return false;
  return prefix->prefix.ends_with('/') || prefix->prefix.size() == request.path.size() ||
         request.path[prefix->prefix.size()] == '/';
}

// Whether that listener's configuration has a route of that name which the request may take.
bool HasRoute(const config::Config& config, const std::string& listener, const std::string& route,
              const RequestView& request) {
  for (const config::VirtualHost& host : config.virtual_hosts) {
    const bool listens = host.listeners.empty() || std::find(host.listeners.begin(), host.listeners.end(),
                                                             listener) != host.listeners.end();
    const bool named = std::any_of(host.domains.begin(), host.domains.end(),
                                   [&](const std::string& domain) { return Covers(domain, request.host); });
    if (!listens || !named) continue;
    for (const config::Route& one : host.routes) {
      if (one.name == route && Covers(one.match, request)) return true;
    }
  }
  return false;
}

void Ask(const Snapshot& snapshot, std::string_view host, std::string_view path) {
  const fairlead::http1::Fields none;
  fairlead::base::Random random(1);
  const RequestView request{.method = "GET", .host = host, .path = path, .query = {}, .headers = none};
  for (const fairlead::snapshot::Listener& listener : snapshot.listeners()) {
    const fairlead::route::Route* route = listener.routes->Match(request);
    if (route == nullptr) continue;
    Require(HasRoute(snapshot.config(), listener.name, route->name(), request), "led along a foreign route");
    if (route->redirect()) continue;
    const fairlead::route::Target& target = route->PickTarget(random);
    const fairlead::snapshot::Cluster& cluster = snapshot.ClusterOf(target);
    Require(cluster.name() == target.cluster, "led to a foreign cluster");
    const auto lease = cluster.Pick(cluster.Key(request), random);
    Require(!lease || !cluster.endpoints().empty(), "an endpoint of nowhere");
  }
}

void Compile(const config::Config& config) {
  fairlead::endpoint::Registry registry{1};
  const auto shared = std::make_shared<const config::Config>(config);
  const auto snapshot = fairlead::snapshot::Compile(shared, {}, nullptr, registry, 1);
  const auto again = fairlead::snapshot::Compile(std::make_shared<const config::Config>(config), {},
                                                 snapshot.get(), registry, 2);
  Require(again->clusters() == snapshot->clusters(), "the same clusters were made anew");
  for (const config::VirtualHost& host : config.virtual_hosts) {
    for (std::string name : host.domains) {
      if (name.starts_with("*")) name.replace(0, 1, "x");
      Ask(*snapshot, name, "/");
      for (const config::Route& route : host.routes) {
        if (const auto* exact = std::get_if<config::ExactMatch>(&route.match.path)) {
          Ask(*snapshot, name, exact->path);
        } else if (const auto* prefix = std::get_if<config::PrefixMatch>(&route.match.path)) {
          Ask(*snapshot, name, prefix->prefix);
          Ask(*snapshot, name, prefix->prefix + "x");
        }
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Loaded loaded = config::LoadYaml(text);
  Require(loaded.file.has_value() == loaded.violations.empty(), "neither or both", loaded.violations);
  if (!loaded.file) return 0;
  const Loaded again = config::LoadYaml(config::ToJson(*loaded.file));
  Require(again.file == loaded.file, "the JSON form says something else", again.violations);
  const auto parsed = config::Parse(config::Serialize(loaded.file->config), loaded.file->bootstrap);
  Require(parsed.value == loaded.file->config, "the messages say something else", parsed.violations);
  if (IsSmall(loaded.file->config)) Compile(loaded.file->config);
  return 0;
}
