#include "pkg/balancer/rendezvous.h"

#include "pkg/balancer/binary_logarithm.h"
#include "pkg/balancer/slow_start.h"
#include "pkg/balancer/stable_hash.h"

namespace fairlead::balancer {
namespace {

constexpr uint64_t kScoreSeed = 0x5ca1ab1e;

}  // namespace

Rendezvous::Rendezvous(std::span<const Host> hosts) {
  hosts_.reserve(hosts.size());
  for (uint32_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i].weight == 0) continue;
    hosts_.push_back({.id = StableHash(hosts[i].hash_id), .host = i, .weight = hosts[i].weight});
    equal_ &= hosts_.front().weight == hosts[i].weight;
  }
}

std::optional<size_t> Rendezvous::Pick(const PickContext& context) const {
  const uint64_t key = context.key ? *context.key : context.random();
  const Entry* best = nullptr;
  uint64_t best_draw = 0, best_log = 0;
  for (const Entry& entry : hosts_) {
    const uint64_t draw = KeyDraw(key + kScoreSeed, entry.id);
    // Among equals the larger draw has the smaller logarithm.
    const uint64_t log = equal_ ? 0 : NegativeLog2(draw);
    if (best != nullptr) {
      const uint64_t ours = log * best->weight, theirs = best_log * entry.weight;
      const bool worse =
          ours != theirs ? ours > theirs : (draw != best_draw ? draw < best_draw : entry.id > best->id);
      if (worse) continue;
    }
    if (Ask(context, entry.host, [&] { return KeyDraw(key, entry.id); }) != Answer::kTakes) continue;
    best = &entry;
    best_draw = draw;
    best_log = log;
  }
  if (best == nullptr) return std::nullopt;
  return best->host;
}

}  // namespace fairlead::balancer
