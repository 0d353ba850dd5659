#include "pkg/drain/rebalance.h"

#include <algorithm>
#include <cmath>

namespace fairlead::drain {
namespace {

// What each unit of weight should hold.
double FairPart(std::span<const Load> loads) {
  uint64_t tunnels = 0;
  double weight = 0;
  for (const Load& load : loads) {
    if (load.weight == 0) continue;
    tunnels += load.tunnels;
    weight += load.weight;
  }
  return weight == 0 ? 0 : static_cast<double>(tunnels) / weight;
}

}  // namespace

double MaxOverMean(std::span<const Load> loads) {
  const double part = FairPart(loads);
  double highest = 0;
  for (const Load& load : loads) {
    if (load.weight > 0 && part > 0) {
      highest = std::max(highest, static_cast<double>(load.tunnels) / (part * load.weight));
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
    if (loads[i].weight > 0 && loads[i].tunnels > most) surplus[i] = loads[i].tunnels - most;
  }
  return surplus;
}

}  // namespace fairlead::drain
