#include "pkg/control/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "pkg/http1/fields.h"
#include "pkg/route/request_view.h"

namespace fairlead::control {
namespace {

const char* ToString(config::Policy policy) {
  switch (policy) {
    case config::Policy::kRoundRobin:
      return "ROUND_ROBIN";
    case config::Policy::kLeastConnections:
      return "LEAST_CONNECTIONS";
    case config::Policy::kMaglev:
      return "MAGLEV";
  }
  return "";
}

void ExplainPick(const snapshot::Snapshot& snapshot, const route::Target& target,
                 const route::RequestView& request, base::Random& random, Explanation* explanation) {
  const snapshot::Cluster& cluster = snapshot.ClusterOf(target);
  const config::Cluster& config = snapshot.config().clusters[target.cluster_index];
  explanation->cluster = cluster.name();
  explanation->key = cluster.Key(request);
  std::vector<std::string>& steps = explanation->steps;
  steps.push_back(explanation->key ? fmt::format("the key is {:016x}", *explanation->key)
                                   : std::string("no key: any endpoint may be picked"));
  const endpoint::Endpoint* const picked = cluster.Preview(explanation->key, random);
  if (picked == nullptr) {
    steps.push_back(fmt::format("cluster {} has no endpoint that takes new tunnels: 503", cluster.name()));
    return;
  }
  explanation->endpoint = picked->label();
  steps.push_back(fmt::format("{} picks {} of {} endpoints", ToString(config.load_balancing.policy),
                              picked->label(), cluster.endpoints().size()));
}

const snapshot::Listener* FindListener(const snapshot::Snapshot& snapshot, const std::string& name) {
  if (!name.empty()) return snapshot.FindListener(name);
  return snapshot.listeners().empty() ? nullptr : &snapshot.listeners().front();
}

}  // namespace

Explanation Explain(const snapshot::Snapshot& snapshot, const Question& question, base::Random& random) {
  Explanation explanation;
  std::vector<std::string>& steps = explanation.steps;
  const snapshot::Listener* const listener = FindListener(snapshot, question.listener);
  if (listener == nullptr) {
    steps.push_back(fmt::format("there is no listener \"{}\"", question.listener));
    return explanation;
  }
  steps.push_back(fmt::format("comes in by listener {}", listener->name));
  http1::Fields headers;
  for (const auto& [name, value] : question.headers) headers.Add(name, value);
  const std::string_view target = question.target;
  const size_t mark = std::min(target.find('?'), target.size());
  const route::RequestView request{.method = question.method,
                                   .host = question.host,
                                   .path = target.substr(0, mark),
                                   .query = target.substr(std::min(mark + 1, target.size())),
                                   .headers = headers,
                                   .client = question.client};
  const route::Route* const route = listener->routes->Match(request);
  if (route == nullptr) {
    steps.push_back(
        fmt::format("no route fits {} {} on host \"{}\": 404", question.method, target, question.host));
    return explanation;
  }
  explanation.route = route->name();
  steps.push_back(fmt::format("matches route {}", explanation.route));
  if (route->redirect()) {
    steps.push_back(fmt::format("is answered with a redirect, {}", route->redirect()->status));
    return explanation;
  }
  const route::Target& picked = route->PickTarget(random);
  steps.push_back(fmt::format("goes to cluster {}", picked.cluster));
  ExplainPick(snapshot, picked, request, random, &explanation);
  return explanation;
}

}  // namespace fairlead::control
