#include "pkg/control/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <variant>

#include "pkg/balancer/why.h"
#include "pkg/config/policy_name.h"
#include "pkg/http1/fields.h"
#include "pkg/route/hash_key.h"
#include "pkg/route/request_view.h"
#include "pkg/snapshot/ties.h"

namespace fairlead::control {
namespace {

// Empty: nothing speaks against it.
std::string_view ToString(balancer::Why why) {
  switch (why) {
    case balancer::Why::kNoWeight:
      return "no weight";
    case balancer::Why::kDraining:
      return "draining";
    case balancer::Why::kUnhealthy:
      return "unhealthy";
    case balancer::Why::kEjected:
      return "ejected";
    case balancer::Why::kFull:
      return "full";
    case balancer::Why::kOverBound:
      return "over its bounded load";
    case balancer::Why::kRamping:
      return "ramping";
    case balancer::Why::kOtherPriority:
      return "other priority";
    case balancer::Why::kOtherZone:
      return "other zone";
    case balancer::Why::kTried:
    case balancer::Why::kPicked:
    case balancer::Why::kNotReached:
      break;
  }
  return "";
}

// One overload for each kind of key.
std::string Describe(const config::SourceIpKey&) {
  return "the client's address";
}
std::string Describe(const config::HeaderKey& key) {
  return fmt::format("header {}", key.name);
}
std::string Describe(const config::CookieKey& key) {
  return fmt::format("cookie {}", key.name);
}
std::string Describe(const config::QueryKey& key) {
  return fmt::format("query parameter {}", key.name);
}
std::string Describe(const config::PathKey& key) {
  return key.segments == 0 ? "the path" : fmt::format("the first {} segments of the path", key.segments);
}

std::string DescribeKey(const snapshot::Cluster& cluster, const snapshot::Ties& ties,
                        const route::RequestView& request) {
  if (ties.issue != nullptr) {
    return fmt::format("the key is {:016x}, from cookie {}, of which the client is given one by chance",
                       *ties.key, ties.issue->name);
  }
  const std::span<const config::HashKey> keys = cluster.hash_keys();
  for (size_t i = 0; i < keys.size(); ++i) {
    if (const auto hash = route::ExtractKey(keys.subspan(i, 1), request)) {
      const std::string source = std::visit([](const auto& kind) { return Describe(kind); }, keys[i]);
      return fmt::format("the key is {:016x}, from {}", *hash, source);
    }
  }
  return "no key: any endpoint may be picked";
}

void ExplainTrace(const snapshot::Cluster& cluster, const balancer::Trace& trace, bool picked,
                  Explanation* explanation) {
  std::vector<std::string>& steps = explanation->steps;
  if (picked && trace.priority > 0) steps.push_back(fmt::format("goes to priority {}", trace.priority));
  if (trace.panic) steps.push_back("too few are healthy there: health is ignored");
  for (size_t i = 0; i < trace.why.size(); ++i) {
    const std::string_view why = ToString(trace.why[i]);
    if (why.empty() || explanation->passed_over.size() >= Explanation::kMaxPassedOver) continue;
    explanation->passed_over.emplace_back(cluster.endpoints()[i]->label(), why);
    steps.push_back(fmt::format("passes over {}: {}", cluster.endpoints()[i]->label(), why));
  }
}

// Of the key that the explanation has, if it has one.
void ExplainPick(const snapshot::Cluster& cluster, const config::Cluster& config, base::Random& random,
                 Explanation* explanation) {
  explanation->cluster = cluster.name();
  std::vector<std::string>& steps = explanation->steps;
  if (cluster.state()->full()) {
    steps.push_back(fmt::format("cluster {} holds all that it may: 503", cluster.name()));
    return;
  }
  balancer::Trace trace;
  const endpoint::Endpoint* const picked = cluster.Preview(explanation->key, random, &trace);
  ExplainTrace(cluster, trace, picked != nullptr, explanation);
  if (picked == nullptr) {
    steps.push_back(fmt::format("cluster {} has no endpoint that takes new tunnels: 503", cluster.name()));
    return;
  }
  explanation->endpoint = picked->label();
  steps.push_back(fmt::format("{} picks {} of {} endpoints", config::PolicyName(config.load_balancing.policy),
                              picked->label(), cluster.endpoints().size()));
}

// Whether it goes where a cookie of the client's says.
bool ExplainReturn(const snapshot::Cluster& cluster, const snapshot::Ties& ties, Explanation* explanation) {
  if (ties.named.empty()) return false;
  const endpoint::Endpoint* const returns_to = cluster.PreviewTake(ties.named);
  explanation->steps.push_back(fmt::format("cookie {} names {}{}", cluster.resilience().sticky_cookie->name,
                                           ties.named,
                                           returns_to ? ": goes there" : ", which does not take it now"));
  if (returns_to == nullptr) return false;
  explanation->cluster = cluster.name();
  explanation->endpoint = returns_to->label();
  return true;
}

const snapshot::Listener* FindListener(const snapshot::Snapshot& snapshot, const std::string& name) {
  if (!name.empty()) return snapshot.FindListener(name);
  return snapshot.listeners().empty() ? nullptr : &snapshot.listeners().front();
}

}  // namespace

Explanation Explain(const snapshot::Snapshot& snapshot, const sticky::Sealers& sealers,
                    const Question& question, base::Random& random) {
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
  const snapshot::Cluster& cluster = snapshot.ClusterOf(picked);
  const auto sealer = sealers.find(cluster.name());
  const snapshot::Ties ties =
      snapshot::FindTies(cluster, request, sealer == sealers.end() ? nullptr : sealer->second.get(), random);
  explanation.key = ties.key;
  steps.push_back(DescribeKey(cluster, ties, request));
  if (ExplainReturn(cluster, ties, &explanation)) return explanation;
  ExplainPick(cluster, snapshot.config().clusters[picked.cluster_index], random, &explanation);
  return explanation;
}

std::optional<Explanation> ExplainKey(const snapshot::Snapshot& snapshot, const std::string& name,
                                      uint64_t key, base::Random& random) {
  const auto& clusters = snapshot.clusters();
  for (size_t i = 0; i < clusters.size(); ++i) {
    if (clusters[i]->name() != name) continue;
    Explanation explanation;
    explanation.key = key;
    if (!clusters[i]->places_by_key()) {
      explanation.steps.push_back("the policy places by no key: any endpoint may be picked");
    }
    ExplainPick(*clusters[i], snapshot.config().clusters[i], random, &explanation);
    return explanation;
  }
  return std::nullopt;
}

}  // namespace fairlead::control
