#include "pkg/drain/rebalances.h"

#include <algorithm>
#include <random>
#include <unordered_map>
#include <utility>

#include "pkg/drain/rebalance.h"
#include "pkg/endpoint/condition.h"

namespace fairlead::drain {
namespace {

using Verdict = RebalanceAnswer::Verdict;

config::Rebalance SettingsOf(const snapshot::Cluster& cluster) {
  return cluster.resilience().rebalance.value_or(config::Rebalance());
}

double TargetOf(const snapshot::Cluster& cluster) {
  return SettingsOf(cluster).target_permille / 1000.0;
}

using Counts = std::unordered_map<const endpoint::Endpoint*, uint64_t>;

// Whether the cluster can be levelled: told to go, tunnels have to come back to where there is room.
Verdict FitnessOf(const config::Cluster& cluster) {
  if (config::Hashes(cluster.load_balancing.policy)) return Verdict::kHashes;
  if (cluster.load_balancing.policy == config::Policy::kRoundRobin) return Verdict::kRoundRobin;
  return cluster.resilience.sticky_cookie ? Verdict::kSticky : Verdict::kFine;
}

// What each endpoint holds now as the policy counts it, without the tunnels that are leaving it, and its
// part: none where it takes no new ones, less while it is in slow start. One in slow start lets none go: what
// it holds beyond a part that grows is no surplus.
std::vector<Load> LoadsOf(const snapshot::Cluster& cluster, const Counts& leaving = {}) {
  const uint64_t most = cluster.resilience().limits.max_connections_per_endpoint;
  std::vector<Load> loads;
  for (size_t i = 0; i < cluster.endpoints().size(); ++i) {
    const endpoint::Endpoint& endpoint = *cluster.endpoints()[i];
    const endpoint::Condition condition = endpoint.condition();
    const double part = cluster.FairShare(i) * condition.share / endpoint::kWholeShare;
    const auto gone = leaving.find(&endpoint);
    const uint64_t active = endpoint.active(), tunnels = std::min(active, endpoint.open_tunnels());
    const uint64_t left = gone == leaving.end() ? 0 : std::min(tunnels, gone->second);
    loads.push_back({.held = active - left,
                     .weight = condition.unhealthy || condition.ejected ? 0 : part,
                     .movable = condition.share < endpoint::kWholeShare ? 0 : tunnels - left,
                     .room = most == 0 ? UINT64_MAX : most - std::min(most, active)});
  }
  return loads;
}

// How many each endpoint has to let go beside those that are leaving it; those that have to let go none are
// left out.
Counts SurplusesOf(const snapshot::Cluster& cluster, double target, const Counts& leaving = {}) {
  Counts counts;
  const std::vector<uint64_t> surplus = SurplusOf(LoadsOf(cluster, leaving), target);
  for (size_t i = 0; i < surplus.size(); ++i) {
    if (surplus[i] > 0) counts[cluster.endpoints()[i].get()] = surplus[i];
  }
  return counts;
}

// Takes one of the endpoint's, if there is one left.
bool TakeOne(Counts& counts, const endpoint::Endpoint* endpoint) {
  const auto found = counts.find(endpoint);
  if (found == counts.end() || found->second == 0) return false;
  --found->second;
  return true;
}

}  // namespace

void Rebalances::Update(std::shared_ptr<const snapshot::Snapshot> now) {
  std::map<std::string, LevelledPtr> before = std::exchange(levelled_, {});
  for (size_t i = 0; i < now->clusters().size(); ++i) {
    const std::shared_ptr<const snapshot::Cluster>& cluster = now->clusters()[i];
    if (FitnessOf(now->config().clusters[i]) != Verdict::kFine) continue;
    auto known = before.extract(cluster->name());
    const LevelledPtr levelled = known.empty() ? std::make_shared<Levelled>() : std::move(known.mapped());
    levelled_[cluster->name()] = levelled;
    if (!levelled->asked_for && !cluster->resilience().rebalance) drains_.Cancel(levelled->drain);
    if (levelled->cluster == cluster) continue;
    levelled->cluster = cluster;
    levelled->stands_still = false;
    levelled->heeds_cancel = levelled->drain && !levelled->drain->over();
  }
  for (const auto& [name, levelled] : before) drains_.Cancel(levelled->drain);
  snapshot_ = std::move(now);
}

void Rebalances::Step(base::MonotonicTime now) {
  for (const auto& [name, levelled] : levelled_) Step(*levelled, now);
}

void Rebalances::Step(Levelled& levelled, base::MonotonicTime now) {
  if (levelled.drain && !levelled.drain->over()) return Trim(levelled);
  const snapshot::Cluster& cluster = *levelled.cluster;
  if (const Drains::Handle drain = std::exchange(levelled.drain, nullptr); drain && drain->id != 0) {
    levelled.rests_until = now + SettingsOf(cluster).cooldown;
    levelled.stands_still = levelled.heeds_cancel && drain->progress.state == State::kCancelled;
  }
  if (!cluster.resilience().rebalance || levelled.stands_still || now < levelled.rests_until) return;
  if (SurplusesOf(cluster, TargetOf(cluster)).empty()) return;
  levelled.asked_for = false;
  levelled.heeds_cancel = true;
  levelled.target = TargetOf(cluster);
  levelled.drain = drains_.Begin(PlanOf(levelled.cluster, levelled.target));
}

// Others have gone by themselves, or come: so many need not go any more. Who is leaving counts as gone: he
// may be back already, and counted twice he would make everybody's part look larger than it is.
void Rebalances::Trim(const Levelled& levelled) {
  Counts leaving;
  for (const Member& member : drains_.Leaving(levelled.drain)) ++leaving[member.at];
  Counts counts = SurplusesOf(*levelled.cluster, levelled.target, leaving);
  drains_.Excuse(levelled.drain, [&](const Member& member) { return !TakeOne(counts, member.at); });
}

Plan Rebalances::PlanOf(std::shared_ptr<const snapshot::Cluster> cluster, double target) {
  const config::ClusterDrain settings = cluster->resilience().drain.value_or(config::ClusterDrain());
  return {.cause = Cause::kRebalance,
          .cluster = cluster->name(),
          .who = {.cluster = cluster->name(), .min_age = SettingsOf(*cluster).min_age},
          .choose = [this, cluster, target](auto& members) { Choose(*cluster, target, members); },
          .pace = PaceOf(settings),
          .order = {.reason = telemetry::CloseReason::kRebalanced,
                    .code = settings.close_code,
                    .text = "another backend has more room"}};
}

void Rebalances::Choose(const snapshot::Cluster& cluster, double target, std::vector<Member>& members) {
  Counts counts = SurplusesOf(cluster, target);
  std::shuffle(members.begin(), members.end(), random_);
  std::erase_if(members, [&](const Member& member) { return !TakeOne(counts, member.at); });
}

Verdict Rebalances::VerdictOn(const std::string& name, base::MonotonicTime now) const {
  const auto found = levelled_.find(name);
  if (found == levelled_.end()) {
    if (!snapshot_) return Verdict::kNoCluster;
    const std::vector<config::Cluster>& clusters = snapshot_->config().clusters;
    const auto cluster = std::find_if(clusters.begin(), clusters.end(),
                                      [&](const config::Cluster& known) { return known.name == name; });
    return cluster == clusters.end() ? Verdict::kNoCluster : FitnessOf(*cluster);
  }
  const Levelled& levelled = *found->second;
  if (levelled.drain && !levelled.drain->over()) return Verdict::kUnderWay;
  return now < levelled.rests_until ? Verdict::kResting : Verdict::kFine;
}

void Rebalances::Start(const std::string& name, std::optional<uint32_t> target, bool dry_run,
                       base::MonotonicTime now, Answered answered) {
  RebalanceAnswer answer{.verdict = VerdictOn(name, now)};
  const auto found = levelled_.find(name);
  if (found == levelled_.end()) return answered(answer);
  Levelled& levelled = *found->second;
  answer.max_over_mean = MaxOverMean(LoadsOf(*levelled.cluster));
  answer.target = target ? *target / 1000.0 : TargetOf(*levelled.cluster);
  if (dry_run) answer.verdict = Verdict::kFine;
  if (answer.verdict != Verdict::kFine) return answered(answer);
  Plan plan = PlanOf(levelled.cluster, answer.target);
  plan.dry_run = dry_run;
  plan.begun = [answer, answered = std::move(answered)](uint64_t id, size_t moves) mutable {
    answer.moves = moves;
    answer.drain_id = id;
    answered(answer);
  };
  const Drains::Handle drain = drains_.Begin(std::move(plan));
  if (dry_run) return;
  levelled.asked_for = levelled.heeds_cancel = true;
  levelled.stands_still = false;
  levelled.target = answer.target;
  levelled.drain = drain;
}

}  // namespace fairlead::drain
