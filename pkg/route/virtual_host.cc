#include "pkg/route/virtual_host.h"

#include <re2/re2.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <variant>

namespace fairlead::route {

struct VirtualHost::Entry {
  std::string path;                       // what the match says: the path, the prefix or the pattern
  std::unique_ptr<const re2::RE2> regex;  // of a pattern
  Condition condition;
  Route route;
};

namespace {

std::vector<Target> MakeTargets(const config::Route& route,
                                absl::FunctionRef<size_t(std::string_view)> cluster_index) {
  std::vector<Target> targets;
  const auto* clusters = std::get_if<std::vector<config::WeightedCluster>>(&route.action);
  if (clusters == nullptr) return targets;
  for (const config::WeightedCluster& cluster : *clusters) {
    targets.push_back({cluster.name, cluster_index(cluster.name), cluster.weight});
  }
  return targets;
}

std::unique_ptr<const re2::RE2> MakeRegex(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  return std::make_unique<const re2::RE2>(pattern, options);
}

// On path-segment boundaries. OPTIONS * asks of the server as a whole, which the prefix of everything stands
// for.
bool HasPrefix(std::string_view path, std::string_view prefix) {
  if (path == "*") return prefix == "/";
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/';
}

}  // namespace

VirtualHost::VirtualHost(const config::VirtualHost& host,
                         absl::FunctionRef<size_t(std::string_view)> cluster_index)
    : name_(host.name) {
  for (const config::Route& route : host.routes) {
    const config::RouteMatch& match = route.match;
    Entry entry{{}, nullptr, Condition(match), Route(name_, route, MakeTargets(route, cluster_index))};
    if (const auto* exact = std::get_if<config::ExactMatch>(&match.path)) {
      entry.path = exact->path;
      exact_[exact->path].push_back(std::move(entry));
    } else if (const auto* prefix = std::get_if<config::PrefixMatch>(&match.path)) {
      entry.path = prefix->prefix;
      prefixes_.push_back(std::move(entry));
    } else {
      entry.path = std::get<config::RegexMatch>(match.path).pattern;
      entry.regex = MakeRegex(entry.path);
      regexes_.push_back(std::move(entry));
    }
  }
  SortEntries();
}

VirtualHost::~VirtualHost() = default;

void VirtualHost::SortEntries() {
  // All sorts are stable: what is equal stays as in the file.
  const auto more_specific = [](const Entry& a, const Entry& b) {
    return a.condition.Specificity() > b.condition.Specificity();
  };
  for (auto& [path, entries] : exact_) std::stable_sort(entries.begin(), entries.end(), more_specific);
  std::stable_sort(prefixes_.begin(), prefixes_.end(), more_specific);
  std::stable_sort(prefixes_.begin(), prefixes_.end(),
                   [](const Entry& a, const Entry& b) { return a.path.size() > b.path.size(); });
  std::unordered_map<std::string, size_t> first_place;
  for (const Entry& entry : regexes_) first_place.try_emplace(entry.path, first_place.size());
  std::stable_sort(regexes_.begin(), regexes_.end(), more_specific);
  std::stable_sort(regexes_.begin(), regexes_.end(), [&](const Entry& a, const Entry& b) {
    return first_place.at(a.path) < first_place.at(b.path);
  });
}

const Route* VirtualHost::Match(const RequestView& request) const {
  if (const auto exact = exact_.find(request.path); exact != exact_.end()) {
    for (const Entry& entry : exact->second) {
      if (entry.condition.Holds(request)) return &entry.route;
    }
  }
  for (const Entry& entry : prefixes_) {
    if (HasPrefix(request.path, entry.path) && entry.condition.Holds(request)) return &entry.route;
  }
  for (const Entry& entry : regexes_) {
    // The condition first: it is the cheaper one.
    if (!entry.condition.Holds(request)) continue;
    if (re2::RE2::FullMatch({request.path.data(), request.path.size()}, *entry.regex)) return &entry.route;
  }
  return nullptr;
}

}  // namespace fairlead::route
