#include "pkg/route/route_table.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "pkg/route/host_name.h"

namespace fairlead::route {
namespace {

bool BoundTo(const config::VirtualHost& host, const std::string& listener) {
  return host.listeners.empty() ||
         std::find(host.listeners.begin(), host.listeners.end(), listener) != host.listeners.end();
}

}  // namespace

void RouteTable::Add(std::string_view domain, std::shared_ptr<const VirtualHost> host) {
  if (domain == "*") {
    if (any_ == nullptr) any_ = std::move(host);
  } else if (domain.starts_with("*.")) {
    const std::string_view suffix = domain.substr(1);
    longest_suffix_ = std::max(longest_suffix_, suffix.size());
    suffixes_.try_emplace(std::string(suffix), std::move(host));
  } else {
    exact_.try_emplace(std::string(domain), std::move(host));
  }
}

const Route* RouteTable::Match(const RequestView& request) const {
  const VirtualHost* host = FindHost(MatchName(request.host));
  return host == nullptr ? nullptr : host->Match(request);
}

const VirtualHost* RouteTable::FindHost(std::string_view name) const {
  if (const auto exact = exact_.find(name); exact != exact_.end()) return exact->second.get();
  // From the left, so that the longest suffix is met first. A star stands for at least one byte; and what is
  // longer than any suffix is not looked up, or a client's long name of many dots would cost its length
  // squared.
  const size_t first = std::max<size_t>(1, name.size() - std::min(name.size(), longest_suffix_));
  for (size_t dot = name.find('.', first); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    const auto suffix = suffixes_.find(name.substr(dot));
    if (suffix != suffixes_.end()) return suffix->second.get();
  }
  return any_.get();
}

std::vector<std::shared_ptr<const RouteTable>> CompileRouteTables(const config::Config& config) {
  std::unordered_map<std::string_view, size_t> cluster_places;
  for (const config::Cluster& cluster : config.clusters) {
    cluster_places.try_emplace(cluster.name, cluster_places.size());
  }
  const auto cluster_index = [&](std::string_view name) { return cluster_places.at(name); };
  std::vector<std::shared_ptr<RouteTable>> tables;
  for (size_t i = 0; i < config.listeners.size(); ++i) tables.push_back(std::make_shared<RouteTable>());
  for (const config::VirtualHost& host : config.virtual_hosts) {
    const auto compiled = std::make_shared<const VirtualHost>(host, cluster_index);
    for (size_t i = 0; i < config.listeners.size(); ++i) {
      if (!BoundTo(host, config.listeners[i].name)) continue;
      for (const std::string& domain : host.domains) tables[i]->Add(domain, compiled);
    }
  }
  return {tables.begin(), tables.end()};
}

}  // namespace fairlead::route
