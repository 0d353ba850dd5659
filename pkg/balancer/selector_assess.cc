#include <algorithm>

#include "pkg/balancer/selector.h"

namespace fairlead::balancer {
namespace {

// The available endpoints of a priority.
struct Sum {
  uint64_t weight = 0;
  uint64_t zone_weight = 0;
  uint64_t parts = 0;  // weights by shares
  uint64_t load = 0;
  uint32_t share = 0;

  void Add(const Now& now, uint64_t its_weight, bool in_zone) {
    weight += its_weight;
    parts += its_weight * now.share;
    if (in_zone) zone_weight += its_weight;
    load += now.load;
    share = std::max(share, now.share);
  }
};

// How much of all it takes, of kWholeShare, when `available` of `weight` is there.
uint64_t Capacity(uint64_t available, uint64_t weight, uint64_t failover_percent) {
  if (weight == 0) return 0;
  return std::min<uint64_t>(kWholeShare, available * kWholeShare * 100 / (weight * failover_percent));
}

// Where each priority's draws end: all go to the first while it has capacity for them, what is left to the
// next. Where all have too little together each takes more, in proportion.
void CutDraws(std::vector<uint64_t> capacities, std::vector<Standing>& standings) {
  uint64_t left = kWholeShare, taken = 0;
  for (uint64_t& capacity : capacities) {
    capacity = std::min(capacity, left);
    left -= capacity;
    taken += capacity;
  }
  uint64_t end = 0;
  for (size_t i = 0; i < standings.size(); ++i) {
    end += capacities[i];
    if (taken > 0) {
      standings[i].cut = static_cast<uint32_t>(end * kWholeShare / taken);
    } else {
      standings[i].cut = standings[i].weight > 0 ? kWholeShare : 0;
    }
  }
}

}  // namespace

std::vector<Standing> Selector::Assess(absl::FunctionRef<Now(size_t)> now) const {
  std::vector<Sum> healthy(levels_.size()), all(levels_.size());
  for (size_t level = 0; level < levels_.size(); ++level) {
    const std::vector<Group>& groups = levels_[level].groups;
    for (const Group& group : groups) {
      const bool in_zone = groups.size() > 1 && &group == &groups.front();
      for (const uint32_t member : group.members) {
        const uint64_t weight = weights_[member];
        if (weight == 0) continue;
        const Now is = now(member);
        all[level].Add(is, weight, in_zone);
        if (!is.unhealthy && !is.ejected) healthy[level].Add(is, weight, in_zone);
      }
    }
  }
  std::vector<uint64_t> capacities;
  uint64_t total = 0;
  for (size_t level = 0; level < levels_.size(); ++level) {
    capacities.push_back(Capacity(healthy[level].weight, levels_[level].weight, settings_.failover_percent));
    total += capacities.back();
  }
  std::vector<Standing> standings;
  for (size_t level = 0; level < levels_.size(); ++level) {
    const Level& is = levels_[level];
    // With enough elsewhere nobody needs to be sent to the sick.
    const bool panic =
        total < kWholeShare && healthy[level].weight * 100 < is.weight * settings_.panic_percent;
    const Sum& sum = panic ? all[level] : healthy[level];
    uint64_t zone_cut = Capacity(sum.zone_weight, is.zone_weight, settings_.failover_percent);
    if (sum.zone_weight == sum.weight) zone_cut = kWholeShare;  // nobody to spill to
    standings.push_back({.zone_cut = static_cast<uint32_t>(zone_cut),
                         .share = std::max(sum.share, 1u),
                         .panic = panic,
                         .weight = sum.parts,
                         .load = sum.load});
  }
  CutDraws(std::move(capacities), standings);
  return standings;
}

}  // namespace fairlead::balancer
