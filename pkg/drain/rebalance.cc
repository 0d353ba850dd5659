#include "pkg/drain/rebalance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fairlead::drain {
namespace {

// What each unit of weight should hold. Those that cannot come down to their part keep what they hold, and
// the others share the rest: without them parts are smaller, so it is looked again until nobody is left out
// more.
double FairPart(std::span<const Load> loads) {
  std::vector<bool> out(loads.size());
  while (true) {
    uint64_t held = 0;
    double weight = 0;
    for (size_t i = 0; i < loads.size(); ++i) {
      if (out[i] || loads[i].weight == 0) continue;
      held += loads[i].held;
      weight += loads[i].weight;
    }
    if (weight == 0) return 0;
    const double part = static_cast<double>(held) / weight;
    bool settled = true;
    for (size_t i = 0; i < loads.size(); ++i) {
      const uint64_t stays = loads[i].held - std::min(loads[i].held, loads[i].movable);
      if (out[i] || static_cast<double>(stays) <= part * loads[i].weight) continue;
      out[i] = true;
      settled = settled && loads[i].weight == 0;
    }
    if (settled) return part;
  }
}

// For how many those have places that do not let go any.
uint64_t RoomOf(std::span<const Load> loads, std::span<const uint64_t> surplus) {
  uint64_t room = 0;
  for (size_t i = 0; i < loads.size(); ++i) {
    if (loads[i].weight == 0 || surplus[i] > 0) continue;
    if (loads[i].room == UINT64_MAX) return UINT64_MAX;
    room += loads[i].room;
  }
  return room;
}

// Cuts all in proportion, so that together they are no more than there is room for.
void FitIn(uint64_t room, std::vector<uint64_t>& surplus) {
  const uint64_t all = std::accumulate(surplus.begin(), surplus.end(), uint64_t{0});
  if (all <= room) return;
  const double part = static_cast<double>(room) / static_cast<double>(all);
  uint64_t so_far = 0, given = 0;
  for (uint64_t& its : surplus) {
    so_far += its;
    const uint64_t due = so_far == all ? room : static_cast<uint64_t>(part * static_cast<double>(so_far));
    its = due - given;
    given = due;
  }
}

}  // namespace

double MaxOverMean(std::span<const Load> loads) {
  const double part = FairPart(loads);
  double highest = 0;
  for (const Load& load : loads) {
    if (load.weight > 0 && load.movable > 0 && part > 0) {
      highest = std::max(highest, static_cast<double>(load.held) / (part * load.weight));
    }
  }
  return highest;
}

std::vector<uint64_t> SurplusOf(std::span<const Load> loads, double target) {
  const double part = FairPart(loads);
  std::vector<uint64_t> surplus(loads.size());
  for (size_t i = 0; i < loads.size(); ++i) {
    // At least the fair part, rounded up: a fraction of a tunnel is nobody's surplus.
    const double fair = std::ceil(part * loads[i].weight);
    const auto most = static_cast<uint64_t>(std::max(fair, std::floor(part * loads[i].weight * target)));
    if (loads[i].weight == 0 || loads[i].held <= most) continue;
    surplus[i] = std::min(loads[i].held - most, loads[i].movable);
  }
  FitIn(RoomOf(loads, surplus), surplus);
  return surplus;
}

}  // namespace fairlead::drain
