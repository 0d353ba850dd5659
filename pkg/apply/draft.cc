#include "pkg/apply/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pkg/config/messages.h"
#include "pkg/config/quote.h"

namespace fairlead::apply {
namespace {

Answer NoCluster(const std::string& name) {
  return Answer::Refusal(Verdict::kNotFound, fmt::format("there is no cluster {}", config::Quote(name)));
}

Answer Applied(std::string etag) {
  Answer answer;
  answer.etag = std::move(etag);
  return answer;
}

// Of a configuration that stands at that place of a request.
std::vector<config::Violation> Within(std::string_view at, std::vector<config::Violation> violations) {
  if (at.empty()) return violations;
  for (config::Violation& violation : violations) violation.path = fmt::format("{}.{}", at, violation.path);
  return violations;
}

const config::Cluster* FindIn(const config::Config* config, std::string_view name) {
  if (config == nullptr) return nullptr;
  const auto found = std::find_if(config->clusters.begin(), config->clusters.end(),
                                  [&](const config::Cluster& cluster) { return cluster.name == name; });
  return found == config->clusters.end() ? nullptr : &*found;
}

// The endpoints that clusters with API membership keep whatever a new configuration says; what they then
// break together with its policy is a violation. A cluster that only now comes to API membership begins with
// those that the configuration brings, if it brings any.
std::vector<config::Violation> KeepApiEndpoints(const config::Config* before, config::Config* config) {
  std::vector<config::Violation> violations;
  for (size_t i = 0; i < config->clusters.size(); ++i) {
    config::Cluster& cluster = config->clusters[i];
    const config::Cluster* known = FindIn(before, cluster.name);
    if (cluster.membership != config::Membership::kApi || known == nullptr || known->dns) continue;
    if (known->membership != config::Membership::kApi && !cluster.endpoints.empty()) continue;
    cluster.endpoints = known->endpoints;
    for (config::Violation& violation : config::CheckMembership(cluster)) {
      violation.path = fmt::format("clusters[{}].{}", i, violation.path);
      violations.push_back(std::move(violation));
    }
  }
  return violations;
}

// Where a cluster stands in a configuration of its own.
constexpr std::string_view kFirstCluster = "clusters[0]";

}  // namespace

bool Draft::IsAnybodys(const Change& change) const {
  const std::string* target = MembershipTarget(change);
  const config::Cluster* cluster = target == nullptr ? nullptr : Find(*target);
  return cluster != nullptr && cluster->membership == config::Membership::kApi;
}

Answer Draft::Take(const Change& change, Prepare prepare) {
  if (auto refusal = RefuseFleetUpdate(change)) return *std::move(refusal);
  Answer answer = std::visit([&](const auto& what) { return Do(what, change, prepare); }, change.what);
  if (answer.applied()) TakeFleetMark(change);
  return answer;
}

State Draft::Finish() && {
  FinishEdits();
  editors_.clear();
  return std::move(state_);
}

Answer Draft::Do(const ReplaceConfig& what, const Change& change, Prepare prepare) {
  if (auto refusal = RefuseEtag(change, state_.etag)) return *std::move(refusal);
  return Replace(what.config, what.at, prepare);
}

Answer Draft::Do(const Rollback& what, const Change& change, Prepare prepare) {
  if (auto refusal = RefuseEtag(change, state_.etag)) return *std::move(refusal);
  const KeptRevision* kept = context_.history.Find(what.revision);
  if (kept == nullptr) {
    return Answer::Refusal(Verdict::kNotFound, fmt::format("revision {} is not kept", what.revision));
  }
  config::Checked<config::Config> config = config::Parse(kept->config, context_.bootstrap);
  if (!config.value) return Answer::Refusal(Verdict::kInvalid, std::move(config.violations));
  return Replace(*std::move(config.value), {}, prepare);
}

Answer Draft::Replace(config::Config config, std::string_view at, Prepare prepare) {
  FinishEdits();
  const std::shared_ptr<const config::Config> before = state_.config;
  auto violations = KeepApiEndpoints(before.get(), &config);
  if (!violations.empty()) return Answer::Refusal(Verdict::kInvalid, Within(at, std::move(violations)));
  if (before != nullptr && *before == config && !context_.waits_for_keys) return Applied(state_.etag);
  if (auto unready = prepare(config); !unready.empty()) {
    return Answer::Refusal(Verdict::kFailed, Within(at, std::move(unready)));
  }
  editors_.clear();
  draft_ = std::make_shared<config::Config>(std::move(config));
  state_.config = draft_;
  state_.etag = context_.etags.Next();
  changed_ = true;
  MembershipMarks marks;
  for (const config::Cluster& cluster : draft_->clusters) {
    if (cluster.dns) continue;
    const config::Cluster* known = FindIn(before.get(), cluster.name);
    const auto mark = state_.membership.find(cluster.name);
    const bool same = known != nullptr && known->endpoints == cluster.endpoints;
    marks[cluster.name] = same && mark != state_.membership.end()
                              ? mark->second
                              : MembershipMark{context_.etags.Next(), context_.revision};
  }
  state_.membership = std::move(marks);
  return Applied(state_.etag);
}

Answer Draft::Do(const SetEndpoints& what, const Change& change, Prepare) {
  if (auto refusal = RefuseMembership(change, what.cluster)) return *std::move(refusal);
  FinishEdits();
  const config::Cluster& known = *Find(what.cluster);
  if (known.endpoints != what.endpoints) {
    config::Cluster cluster{.name = known.name,
                            .endpoints = what.endpoints,
                            .dns = {},
                            .load_balancing = known.load_balancing,
                            .membership = known.membership,
                            .tls = {},
                            .resilience = {}};
    auto violations = config::CheckMembership(cluster);
    if (!violations.empty()) return Answer::Refusal(Verdict::kInvalid, std::move(violations));
    editors_.erase(what.cluster);
    config::Cluster& target = Writable(what.cluster);
    target.endpoints = std::move(cluster.endpoints);
    MarkMembership(target);
  }
  return Applied(state_.membership[what.cluster].etag);
}

Answer Draft::Do(const PatchEndpoints& what, const Change& change, Prepare) {
  if (auto refusal = RefuseMembership(change, what.cluster)) return *std::move(refusal);
  if (what.base_revision != 0 && state_.membership[what.cluster].revision > what.base_revision) {
    Answer answer = Answer::Refusal(
        Verdict::kStale,
        fmt::format("cluster \"{}\" has changed since revision {}, in revision {}", what.cluster,
                    what.base_revision, state_.membership[what.cluster].revision));
    answer.resync = true;
    return answer;
  }
  // From before a restart that began the count again, or of another proxy.
  if (what.base_revision >= context_.revision) {
    Answer answer =
        Answer::Refusal(Verdict::kStale, fmt::format("there is no revision {} yet, the newest is {}",
                                                     what.base_revision, context_.revision - 1));
    answer.resync = true;
    return answer;
  }
  config::Cluster& cluster = Writable(what.cluster);
  MembershipEditor& editor = editors_.try_emplace(what.cluster, cluster).first->second;
  bool changed = false;
  auto violations = editor.Apply(what, &changed);
  if (!violations.empty()) return Answer::Refusal(Verdict::kInvalid, std::move(violations));
  if (changed) MarkMembership(cluster);
  return Applied(state_.membership[what.cluster].etag);
}

Answer Draft::Do(const UpdateCluster& what, const Change& change, Prepare prepare) {
  if (auto refusal = RefuseEtag(change, state_.etag)) return *std::move(refusal);
  FinishEdits();
  const config::Cluster* known = Find(what.cluster);
  if (known == nullptr) return NoCluster(what.cluster);
  config::Checked<config::Cluster> updated = what.update(*known);
  if (!updated.value) return Answer::Refusal(Verdict::kInvalid, std::move(updated.violations));
  const bool api =
      known->membership == config::Membership::kApi && updated.value->membership == config::Membership::kApi;
  const bool moved = updated.value->endpoints != known->endpoints;
  if (api && moved) {
    return Answer::Refusal(Verdict::kInvalid,
                           {{"update_mask", 0, "names the endpoints of a cluster with API membership",
                             "change them with SetEndpoints or PatchEndpoints"}});
  }
  if (*updated.value == *known) return Applied(state_.etag);
  config::Config alone;
  alone.clusters = {*updated.value};
  if (auto unready = prepare(alone); !unready.empty()) {
    for (config::Violation& violation : unready) violation.path.replace(0, kFirstCluster.size(), "cluster");
    return Answer::Refusal(Verdict::kInvalid, std::move(unready));
  }
  editors_.erase(what.cluster);
  config::Cluster& target = Writable(what.cluster);
  target = *std::move(updated.value);
  if (target.dns) {
    state_.membership.erase(target.name);
  } else if (moved || !state_.membership.contains(target.name)) {
    state_.membership[target.name] = {context_.etags.Next(), context_.revision};
  }
  state_.etag = context_.etags.Next();
  changed_ = true;
  return Applied(state_.etag);
}

std::optional<Answer> Draft::RefuseFleetUpdate(const Change& change) const {
  if (!change.fleet || !PlaneOwns()) return std::nullopt;
  const FleetUpdate& update = *change.fleet;
  if (update.base_revision != 0 && update.base_revision != state_.fleet.revision) {
    Answer answer =
        Answer::Refusal(Verdict::kStale, fmt::format("the patch builds on revision {}, this has {}",
                                                     update.base_revision, state_.fleet.revision));
    answer.resync = true;
    return answer;
  }
  if (update.mark.revision < state_.fleet.revision) {
    return Answer::Refusal(Verdict::kStale, fmt::format("revision {} is older than {}, which is in force",
                                                        update.mark.revision, state_.fleet.revision));
  }
  return std::nullopt;
}

std::optional<Answer> Draft::RefuseEtag(const Change& change, std::string_view current) const {
  if (change.etag.empty() || change.etag == current) return std::nullopt;
  return Answer::Refusal(Verdict::kStale, "the etag is not, or no longer, that of what is in force");
}

std::optional<Answer> Draft::RefuseMembership(const Change& change, const std::string& name) const {
  const config::Cluster* cluster = Find(name);
  if (cluster == nullptr) return NoCluster(name);
  if (cluster->dns) {
    return Answer::Refusal(Verdict::kInvalid,
                           {{"cluster", 0, fmt::format("\"{}\" has its endpoints from DNS", name),
                             "name a cluster that lists its endpoints"}});
  }
  return RefuseEtag(change, state_.membership.find(name)->second.etag);
}

void Draft::TakeFleetMark(const Change& change) {
  FleetMark mark;  // where what is in force now is not the plane's
  if (PlaneOwns()) {
    if (change.fleet) {
      mark = change.fleet->mark;
    } else if (IsAnybodys(change)) {
      mark = state_.fleet;
    }
  }
  if (mark == state_.fleet) return;
  state_.fleet = std::move(mark);
  changed_ = true;
}

void Draft::MarkMembership(const config::Cluster& cluster) {
  const std::string etag = context_.etags.Next();
  state_.membership[cluster.name] = {etag, context_.revision};
  if (cluster.membership != config::Membership::kApi) state_.etag = etag;
  changed_ = true;
}

const config::Cluster* Draft::Find(std::string_view cluster) const {
  return FindIn(state_.config.get(), cluster);
}

config::Cluster& Draft::Writable(std::string_view cluster) {
  config::Config& config = Writable();
  return *std::find_if(config.clusters.begin(), config.clusters.end(),
                       [&](const config::Cluster& known) { return known.name == cluster; });
}

config::Config& Draft::Writable() {
  if (draft_ == nullptr) {
    draft_ = std::make_shared<config::Config>(*state_.config);
    state_.config = draft_;
  }
  return *draft_;
}

void Draft::FinishEdits() {
  for (auto& [name, editor] : editors_) editor.Finish();
}

}  // namespace fairlead::apply
