#include "pkg/snapshot/standings.h"

#include <algorithm>

namespace fairlead::snapshot {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

Standings::Standings(const balancer::Selector& selector, const endpoint::ClusterState& state,
                     size_t endpoints)
    : selector_(selector),
      state_(state),
      tolerance_(std::max<uint64_t>(1, endpoints / 16)),
      levels_(selector.priorities()) {}

bool Standings::Stale() const {
  if (state_.conditions.load(std::memory_order_acquire) != conditions_.load(kRelaxed)) return true;
  if (selector_.settings().bounded_load_permille == 0) return false;
  const auto change = static_cast<int64_t>(state_.active.load(kRelaxed) - active_.load(kRelaxed));
  return static_cast<uint64_t>(change < 0 ? -change : change) >= tolerance_;
}

void Standings::Refresh(Now now) const {
  if (!Stale() || busy_.test_and_set(std::memory_order_acquire)) return;
  // Counted before the look: what changes during it is looked at again.
  const uint64_t conditions = state_.conditions.load(std::memory_order_acquire);
  const uint64_t active = state_.active.load(kRelaxed);
  const std::vector<balancer::Standing> standings = selector_.Assess(now);
  for (size_t i = 0; i < standings.size(); ++i) {
    levels_[i].cut.store(standings[i].cut, kRelaxed);
    levels_[i].zone_cut.store(standings[i].zone_cut, kRelaxed);
    levels_[i].share.store(standings[i].share, kRelaxed);
    levels_[i].panic.store(standings[i].panic, kRelaxed);
    levels_[i].weight.store(standings[i].weight, kRelaxed);
    levels_[i].load.store(standings[i].load, kRelaxed);
  }
  active_.store(active, kRelaxed);
  conditions_.store(conditions, kRelaxed);
  busy_.clear(std::memory_order_release);
}

balancer::Standing Standings::Get(size_t level) const {
  const Shared& shared = levels_[level];
  balancer::Standing standing{.cut = shared.cut.load(kRelaxed),
                              .zone_cut = shared.zone_cut.load(kRelaxed),
                              .share = shared.share.load(kRelaxed),
                              .panic = shared.panic.load(kRelaxed),
                              .weight = shared.weight.load(kRelaxed),
                              .load = shared.load.load(kRelaxed)};
  if (selector_.settings().bounded_load_permille == 0) return standing;
  const uint32_t before = level == 0 ? 0 : levels_[level - 1].cut.load(kRelaxed);
  const auto change = static_cast<int64_t>(state_.active.load(kRelaxed) - active_.load(kRelaxed));
  const int64_t here = change * (int64_t{standing.cut} - before) / balancer::kWholeShare;
  standing.load = static_cast<uint64_t>(std::max<int64_t>(0, static_cast<int64_t>(standing.load) + here));
  return standing;
}

}  // namespace fairlead::snapshot
