#include "pkg/drain/misplaced_drains.h"

#include <unordered_map>
#include <utility>

#include "pkg/drain/configured_state.h"
#include "pkg/drain/late_comers.h"

namespace fairlead::drain {
namespace {

absl::flat_hash_set<const endpoint::Endpoint*> StayingOf(const snapshot::Cluster& cluster,
                                                         const config::Cluster& config) {
  absl::flat_hash_set<const endpoint::Endpoint*> staying;
  for (size_t i = 0; i < cluster.endpoints().size(); ++i) {
    if (!IsDraining(config, i)) staying.insert(cluster.endpoints()[i].get());
  }
  return staying;
}

}  // namespace

void MisplacedDrains::Update(const snapshot::Snapshot& now, base::MonotonicTime time) {
  std::map<std::string, FollowedPtr> before = std::exchange(followed_, {});
  for (size_t i = 0; i < now.clusters().size(); ++i) {
    const std::shared_ptr<const snapshot::Cluster>& cluster = now.clusters()[i];
    if (cluster->resilience().misplaced != config::Misplaced::kMove || !cluster->places_by_key()) continue;
    auto known = before.extract(cluster->name());
    const FollowedPtr followed = known.empty() ? std::make_shared<Followed>() : std::move(known.mapped());
    followed_[cluster->name()] = followed;
    if (followed->cluster == cluster) continue;
    followed->cluster = cluster;
    followed->staying = StayingOf(*cluster, now.config().clusters[i]);
    followed->watched = true;
    followed->last_comers = time + kLateComers;
    drains_.Excuse(followed->drain, [&](const Member& member) { return !IsMisplaced(*followed, member); });
    if (!followed->drain || followed->drain->over()) Begin(followed, time);
  }
  for (const auto& [name, followed] : before) drains_.Cancel(followed->drain);
}

bool MisplacedDrains::IsMisplaced(const Followed& followed, const Member& member) {
  return followed.staying.contains(member.at) &&
         followed.cluster->PlacementOf(member.key, member.at, random_) == endpoint::Placement::kMisplaced;
}

// Whether the endpoint that the key belongs to would take it now.
bool MisplacedDrains::MayGo(const Followed& followed, const Member& member) {
  const snapshot::Cluster& cluster = *followed.cluster;
  return cluster.Preview(member.key->key, random_) == cluster.Home(member.key->key, random_);
}

// No more than the endpoints that they go to have places for: the others would be put elsewhere.
void MisplacedDrains::Choose(Followed& followed, std::vector<Member>& members) {
  std::erase_if(members, [&](const Member& member) { return !IsMisplaced(followed, member); });
  followed.misplaced = members.size();
  const snapshot::Cluster& cluster = *followed.cluster;
  const uint64_t most = cluster.resilience().limits.max_connections_per_endpoint;
  std::unordered_map<const endpoint::Endpoint*, uint64_t> going;
  std::erase_if(members, [&](const Member& member) {
    if (!MayGo(followed, member)) return true;
    const endpoint::Endpoint* const home = cluster.Home(member.key->key, random_);
    return home == nullptr || (most > 0 && home->active() + ++going[home] > most);
  });
}

void MisplacedDrains::Begin(const FollowedPtr& followed, base::MonotonicTime now) {
  const config::ClusterDrain settings =
      followed->cluster->resilience().drain.value_or(config::ClusterDrain());
  followed->looked_at = now;
  followed->drain = drains_.Begin({.cause = Cause::kMisplaced,
                                   .cluster = followed->cluster->name(),
                                   .who = {.cluster = followed->cluster->name()},
                                   .choose = [this, followed](auto& members) { Choose(*followed, members); },
                                   .pace = PaceOf(settings),
                                   .order = {.reason = telemetry::CloseReason::kMisplaced,
                                             .code = settings.close_code,
                                             .text = "another backend is in charge now"}});
}

void MisplacedDrains::Step(base::MonotonicTime now) {
  for (const auto& entry : followed_) {
    const FollowedPtr& followed = entry.second;
    drains_.Excuse(followed->drain, [&](const Member& member) { return !MayGo(*followed, member); });
    if (!followed->watched || !followed->drain->over() || now - followed->looked_at < kLookForLateComers) {
      continue;
    }
    const bool nobody = followed->misplaced == 0 && followed->looked_at >= followed->last_comers;
    // Who cancels it has until the next change.
    if (nobody || followed->drain->progress.state == State::kCancelled) {
      followed->watched = false;
    } else {
      Begin(followed, now);
    }
  }
}

}  // namespace fairlead::drain
