#include "pkg/balancer/least_connections.h"

#include "pkg/base/mix.h"

namespace fairlead::balancer {
namespace {

// A host's lot in the draw that one pick makes between equals: a nanosecond where the random source would
// take ten, since an idle cluster is all equals.
uint64_t Lot(uint64_t draw, uint64_t host) {
  return base::Mix(draw + (host + 1) * base::kGolden);
}

}  // namespace

LeastConnections::LeastConnections(std::span<const Host> hosts) {
  weights_.reserve(hosts.size());
  for (const Host& host : hosts) weights_.push_back(host.weight);
}

std::optional<size_t> LeastConnections::Pick(const PickContext& context) const {
  const uint64_t draw = context.random();
  std::optional<size_t> best;
  uint64_t best_load = 0, best_weight = 0;
  for (size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] == 0) continue;
    const uint64_t weight = SharedWeight(weights_[i], context.share(i));
    if (weight == 0) continue;
    const uint64_t load = context.load(i) + 1;
    // load / weight against best_load / best_weight, without the division.
    const uint64_t ours = load * best_weight, theirs = best_load * weight;
    if (best && (ours > theirs || (ours == theirs && Lot(draw, i) < Lot(draw, *best)))) continue;
    best = i;
    best_load = load;
    best_weight = weight;
  }
  return best;
}

}  // namespace fairlead::balancer
