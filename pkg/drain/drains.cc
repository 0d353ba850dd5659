#include "pkg/drain/drains.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace fairlead::drain {
namespace {

// How often it is looked who has gone.
constexpr base::Duration kLookEvery{1000};
constexpr std::string_view kText = "the backend is going away";

tunnel::CloseOrder OrderOf(const config::ClusterDrain& settings, telemetry::CloseReason reason) {
  return {.reason = reason, .code = settings.close_code, .text = std::string(kText)};
}

Order OrderOf(config::DrainOrder order) {
  switch (order) {
    case config::DrainOrder::kRandom:
      return Order::kRandom;
    case config::DrainOrder::kOldest:
      return Order::kOldest;
    case config::DrainOrder::kNewest:
      return Order::kNewest;
  }
  return Order::kRandom;
}

Pace PaceOf(const config::ClusterDrain& settings) {
  return {.rate = static_cast<double>(settings.rate),
          .share = settings.share_percent / 100.0,
          .jitter_percent = settings.jitter_percent,
          .deadline = settings.deadline,
          .order = OrderOf(settings.order)};
}

// The state that the configuration gives an endpoint; one from DNS has none.
bool IsDraining(const config::Cluster& cluster, size_t place) {
  return !cluster.dns && cluster.endpoints[place].state == config::EndpointState::kDraining;
}

}  // namespace

Drains::Drains(loop::Loop& loop, Tunnels& tunnels, const base::Clock& clock, uint64_t seed, Changed changed)
    : loop_(loop), tunnels_(tunnels), clock_(clock), random_(seed), changed_(std::move(changed)) {}

Drains::~Drains() {
  *alive_ = false;
}

void Drains::Update(std::shared_ptr<const snapshot::Snapshot> snapshot) {
  struct Place {
    const config::ClusterDrain* settings;  // nullptr = its tunnels stay
    bool draining;
  };
  std::unordered_map<const endpoint::Endpoint*, Place> places;
  std::unordered_map<std::string_view, const config::Resilience*> clusters;
  for (size_t i = 0; i < snapshot->clusters().size(); ++i) {
    const snapshot::Cluster& cluster = *snapshot->clusters()[i];
    const auto& settings = cluster.resilience().drain;
    clusters[cluster.name()] = &cluster.resilience();
    for (size_t k = 0; k < cluster.endpoints().size(); ++k) {
      const bool draining = IsDraining(snapshot->config().clusters[i], k);
      places[cluster.endpoints()[k].get()] = {.settings = settings ? &*settings : nullptr,
                                              .draining = draining};
      if (draining && settings) Leave(cluster.endpoints()[k], *settings, true);
    }
  }
  if (snapshot_) {
    for (const auto& before : snapshot_->clusters()) {
      const auto now = clusters.find(before->name());
      const auto& settings = now == clusters.end() ? before->resilience().drain : now->second->drain;
      if (!settings) continue;
      for (const auto& endpoint : before->endpoints()) {
        if (!places.contains(endpoint.get())) Leave(endpoint, *settings, false);
      }
    }
  }
  std::erase_if(leaving_, [&](const auto& leaving) {
    const auto place = places.find(leaving->endpoint.get());
    bool stays = place != places.end() && (!place->second.draining || place->second.settings == nullptr);
    if (place == places.end()) {
      const auto cluster = clusters.find(leaving->endpoint->cluster());
      stays = cluster != clusters.end() && !cluster->second->drain;
    }
    if (!stays) return false;
    if (leaving->drain) {
      leaving->drain->Cancel();
      End(*leaving);
    }
    return true;
  });
  snapshot_ = std::move(snapshot);
  Beat(loop_.Now());
}

void Drains::Leave(const std::shared_ptr<endpoint::Endpoint>& endpoint, const config::ClusterDrain& settings,
                   bool configured) {
  auto known = std::find_if(leaving_.begin(), leaving_.end(),
                            [&](const auto& leaving) { return leaving->endpoint == endpoint; });
  if (known == leaving_.end()) {
    leaving_.push_back(std::make_unique<Leaving>());
    known = std::prev(leaving_.end());
    (*known)->endpoint = endpoint;
  }
  // A drain that is under way goes on as it began.
  (*known)->settings = settings;
  (*known)->configured = configured;
}

void Drains::Beat(base::MonotonicTime now) {
  for (const auto& leaving : leaving_) Step(*leaving, now);
  std::erase_if(leaving_, [](const auto& leaving) {
    return !leaving->configured && !leaving->drain && !leaving->asked &&
           leaving->endpoint->open_tunnels() == 0;
  });
  if (std::exchange(news_, false)) Report();
  if (leaving_.empty()) return Disarm();
  loop_.deadlines().Arm(*this, now + base::DeadlineWheel::kTick);
}

void Drains::Step(Leaving& leaving, base::MonotonicTime now) {
  if (!leaving.drain) {
    if (!leaving.cancelled && leaving.endpoint->open_tunnels() > 0) Ask(leaving, now);
    return;
  }
  if (const std::vector<Member> due = leaving.drain->TakeDue(now); !due.empty()) {
    tunnels_.Shut(due, OrderOf(leaving.settings, telemetry::CloseReason::kEndpointDrained));
    news_ = true;
  }
  if (leaving.drain->Overdue(now) && !leaving.cut) {
    leaving.cut = true;
    tunnels_.Cut(leaving.drain->Waiting(), OrderOf(leaving.settings, telemetry::CloseReason::kDrainExpired));
  }
  if (now - leaving.asked_at >= kLookEvery) Ask(leaving, now);
}

void Drains::Ask(Leaving& leaving, base::MonotonicTime now) {
  if (std::exchange(leaving.asked, true)) return;
  leaving.asked_at = now;
  const endpoint::Endpoint* endpoint = leaving.endpoint.get();
  tunnels_.Find({.at = endpoint}, loop_, [this, alive = alive_, endpoint](std::vector<Member> members) {
    if (*alive) Answered(endpoint, std::move(members));
  });
}

void Drains::Answered(const endpoint::Endpoint* endpoint, std::vector<Member> members) {
  const auto found = std::find_if(leaving_.begin(), leaving_.end(),
                                  [&](const auto& leaving) { return leaving->endpoint.get() == endpoint; });
  if (found == leaving_.end()) return;  // it came back
  Leaving& leaving = **found;
  leaving.asked = false;
  if (leaving.drain) {
    Note(leaving, members);
  } else if (!members.empty() && !leaving.cancelled) {
    Begin(leaving, std::move(members), loop_.Now());
  }
  if (std::exchange(news_, false)) Report();
}

// Who has gone since it was looked last.
void Drains::Note(Leaving& leaving, const std::vector<Member>& members) {
  absl::flat_hash_set<uint64_t> open;
  for (const Member& member : members) open.insert(member.id);
  leaving.drain->Retain(open);
  news_ = true;
  if (leaving.drain->over()) End(leaving);
}

void Drains::Begin(Leaving& leaving, std::vector<Member> members, base::MonotonicTime now) {
  leaving.drain.emplace(PaceOf(leaving.settings), std::move(members), random_, now);
  leaving.cut = false;
  leaving.status = {.id = ++last_id_,
                    .cluster = leaving.endpoint->cluster(),
                    .endpoint = leaving.endpoint->label(),
                    .progress = {},
                    .began = clock_.WallNow()};
  Step(leaving, now);
  news_ = true;
}

void Drains::End(Leaving& leaving) {
  leaving.status.progress = leaving.drain->progress();
  leaving.drain.reset();
  over_.push_front(leaving.status);
  if (over_.size() > kRemembered) over_.pop_back();
  news_ = true;
}

Drains::Leaving* Drains::FindDrain(uint64_t id) {
  for (const auto& leaving : leaving_) {
    if (leaving->drain && leaving->status.id == id) return leaving.get();
  }
  return nullptr;
}

bool Drains::Direct(uint64_t id, Direction direction) {
  Leaving* leaving = FindDrain(id);
  if (leaving == nullptr) return false;
  switch (direction) {
    case Direction::kPause:
      leaving->drain->Pause(loop_.Now());
      break;
    case Direction::kResume:
      leaving->drain->Resume(loop_.Now());
      break;
    case Direction::kCancel:
      leaving->cancelled = true;
      leaving->drain->Cancel();
      End(*leaving);
      break;
  }
  Report();
  return true;
}

void Drains::Report() {
  std::vector<DrainStatus> all;
  for (const auto& leaving : leaving_) {
    if (!leaving->drain) continue;
    all.push_back(leaving->status);
    all.back().progress = leaving->drain->progress();
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
  all.insert(all.end(), over_.begin(), over_.end());
  changed_(std::move(all));
}

}  // namespace fairlead::drain
