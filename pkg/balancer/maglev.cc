#include "pkg/balancer/maglev.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <tuple>

#include "pkg/balancer/stable_hash.h"

namespace fairlead::balancer {
namespace {

constexpr uint64_t kStepSeed = 1;
constexpr uint32_t kFree = std::numeric_limits<uint32_t>::max();

// A host on its way through the slots, in its order of preference: slot, slot + step, slot + 2 x step, …
// modulo the table's size, which reaches them all since the size is prime.
struct Claimant {
  uint32_t host = 0;
  uint32_t weight = 0;
  uint32_t slot = 0;
  uint32_t step = 0;
  uint64_t turns = 0;

  // When the next turn is due: the n-th turn of a host falls in the middle of the n-th part of its time, each
  // 1/weight long. 32 binary places keep any two different times of 16-bit weights apart.
  uint64_t DueTime() const { return ((2 * turns + 1) << 32) / weight; }
};

struct Turn {
  uint64_t due = 0;
  uint32_t claimant = 0;

  bool operator>(const Turn& other) const {
    return std::tie(due, claimant) > std::tie(other.due, other.claimant);
  }
};

// In the order of their hash_ids, which is the same however the list is ordered.
std::vector<Claimant> MakeClaimants(std::span<const Host> hosts, uint32_t table_size) {
  std::vector<Claimant> claimants;
  claimants.reserve(hosts.size());
  for (uint32_t i = 0; i < hosts.size(); ++i) {
    const Host& host = hosts[i];
    if (host.weight == 0) continue;
    claimants.push_back(
        {.host = i,
         .weight = host.weight,
         .slot = static_cast<uint32_t>(StableHash(host.hash_id) % table_size),
         .step = static_cast<uint32_t>(StableHash(host.hash_id, kStepSeed) % (table_size - 1) + 1)});
  }
  std::sort(claimants.begin(), claimants.end(), [&](const Claimant& a, const Claimant& b) {
    return std::tie(hosts[a.host].hash_id, a.weight, a.host) <
           std::tie(hosts[b.host].hash_id, b.weight, b.host);
  });
  return claimants;
}

}  // namespace

Maglev::Maglev(std::span<const Host> hosts, uint32_t table_size) : host_count_(hosts.size()) {
  std::vector<Claimant> claimants = MakeClaimants(hosts, table_size);
  if (claimants.empty()) return;
  std::vector<Turn> turns;
  turns.reserve(claimants.size());
  for (uint32_t i = 0; i < claimants.size(); ++i) turns.push_back({claimants[i].DueTime(), i});
  std::make_heap(turns.begin(), turns.end(), std::greater<>());

  table_.assign(table_size, kFree);
  for (uint32_t filled = 0; filled < table_size; ++filled) {
    std::pop_heap(turns.begin(), turns.end(), std::greater<>());
    Claimant& claimant = claimants[turns.back().claimant];
    while (table_[claimant.slot] != kFree) {
      claimant.slot += claimant.step;
      if (claimant.slot >= table_size) claimant.slot -= table_size;
    }
    table_[claimant.slot] = claimant.host;
    ++claimant.turns;
    turns.back().due = claimant.DueTime();
    std::push_heap(turns.begin(), turns.end(), std::greater<>());
  }
}

std::optional<size_t> Maglev::Pick(const PickContext& context) const {
  if (table_.empty()) return std::nullopt;
  const size_t start = (context.key ? *context.key : context.random()) % table_.size();
  if (context.eligible(table_[start])) return table_[start];
  // With nothing to be found, the walk below would go round the whole table.
  bool any = false;
  for (size_t host = 0; host < host_count_ && !any; ++host) any = context.eligible(host);
  if (!any) return std::nullopt;
  for (size_t slot = start + 1; slot < start + table_.size(); ++slot) {
    const uint32_t host = table_[slot % table_.size()];
    if (context.eligible(host)) return host;
  }
  return std::nullopt;
}

}  // namespace fairlead::balancer
