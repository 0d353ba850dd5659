#include "pkg/balancer/maglev.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <tuple>

#include "pkg/balancer/stable_hash.h"
#include "pkg/balancer/walk.h"

namespace fairlead::balancer {
namespace {

constexpr uint64_t kStepSeed = 1;
// The neighbours of a host's slots belong more often to some hosts than to others; far jumps land on each as
// often as its share is.
constexpr size_t kHops = 64;

// A host on its way through the slots: slot, slot + step, slot + 2 x step, … modulo the table's size, which
// reaches them all since the size is prime.
struct Claimant {
  uint32_t slot = 0;
  uint32_t step = 0;
  uint32_t host = 0;
  uint32_t room = 0;  // how many slots more it may have
  uint32_t weight = 0;
  uint32_t credit = 0;  // the part of a turn that is left over from rounds before
};

// Exact: in whole numbers, which every machine rounds alike.
uint32_t Cap(uint64_t size, uint64_t weight, uint64_t total) {
  const uint64_t fair = size * weight / total;
  // 0.16 times the variance of a draw of `size` slots, weight against the rest.
  const uint64_t variance = 4 * (size - fair) * fair / (25 * size);
  auto spread = static_cast<uint64_t>(std::sqrt(static_cast<double>(variance)));
  while (spread * spread > variance) --spread;
  while ((spread + 1) * (spread + 1) <= variance) ++spread;
  return static_cast<uint32_t>(fair + std::max<uint64_t>(1, spread));
}

// In the order of their hash_ids, which is the same however the list is ordered.
std::vector<Claimant> MakeClaimants(std::span<const Host> hosts, std::span<const uint64_t> ids,
                                    uint32_t table_size, bool newcomers) {
  uint64_t total = 0;
  std::vector<Claimant> claimants;
  claimants.reserve(hosts.size());
  for (uint32_t i = 0; i < hosts.size(); ++i) {
    const Host& host = hosts[i];
    if (host.weight == 0 || (host.newcomer && !newcomers)) continue;
    total += host.weight;
    claimants.push_back(
        {.slot = static_cast<uint32_t>(ids[i] % table_size),
         .step = static_cast<uint32_t>(StableHash(host.hash_id, kStepSeed) % (table_size - 1) + 1),
         .host = i,
         .weight = host.weight});
  }
  if (total == 0) return claimants;
  for (Claimant& claimant : claimants) claimant.room = Cap(table_size, claimant.weight, total);
  std::sort(claimants.begin(), claimants.end(), [&](const Claimant& a, const Claimant& b) {
    return std::tie(hosts[a.host].hash_id, a.weight, a.host) <
           std::tie(hosts[b.host].hash_id, b.weight, b.host);
  });
  return claimants;
}

// How many binary places of a weight make one turn a round: a host of mean weight has one or nearly two. It
// hardly ever changes when a host comes or goes.
unsigned TurnBits(std::span<const Claimant> claimants) {
  uint64_t total = 0;
  for (const Claimant& claimant : claimants) total += claimant.weight;
  return static_cast<unsigned>(std::bit_width(total / claimants.size()) - 1);
}

class Filler {
 public:
  explicit Filler(uint32_t size) : taken_((size + 63) / 64), table_(size), free_(size) {}

  std::vector<uint32_t> Fill(std::vector<Claimant> claimants) && {
    if (claimants.empty()) return {};
    const unsigned turn_bits = TurnBits(claimants);
    while (free_ > 0) {
      SkipIdleRounds(claimants, turn_bits);
      bool done = false;
      for (Claimant& claimant : claimants) {
        const uint64_t credit = uint64_t{claimant.credit} + claimant.weight;
        claimant.credit = static_cast<uint32_t>(credit & ((uint64_t{1} << turn_bits) - 1));
        done |= TakeTurns(claimant, credit >> turn_bits);
      }
      if (done) std::erase_if(claimants, [](const Claimant& claimant) { return claimant.room == 0; });
    }
    return std::move(table_);
  }

 private:
  // Rounds in which nobody has a turn yet: many, once only the light ones have room left.
  static void SkipIdleRounds(std::vector<Claimant>& claimants, unsigned turn_bits) {
    const uint64_t turn = uint64_t{1} << turn_bits;
    uint64_t idle = UINT64_MAX;
    for (const Claimant& claimant : claimants) {
      idle = std::min(idle, (turn - claimant.credit + claimant.weight - 1) / claimant.weight - 1);
      if (idle == 0) return;
    }
    for (Claimant& claimant : claimants) claimant.credit += static_cast<uint32_t>(idle * claimant.weight);
  }

  // Whether the claimant has all that it may have.
  bool TakeTurns(Claimant& claimant, uint64_t turns) {
    const auto size = static_cast<uint32_t>(table_.size());
    for (; turns > 0 && claimant.room > 0; --turns) {
      const uint32_t slot = claimant.slot;
      const uint32_t next = slot + claimant.step;
      claimant.slot = next - (next >= size ? size : 0);
      // The bitmap stays in the cache where the table would not.
      uint64_t& taken = taken_[slot / 64];
      const uint64_t bit = uint64_t{1} << (slot % 64);
      if ((taken & bit) != 0) continue;
      taken |= bit;
      table_[slot] = claimant.host;
      --claimant.room;
      if (--free_ == 0) return true;
    }
    return claimant.room == 0;
  }

  std::vector<uint64_t> taken_;
  std::vector<uint32_t> table_;
  uint32_t free_;
};

}  // namespace

Maglev::Maglev(std::span<const Host> hosts, uint32_t table_size) {
  ids_.reserve(hosts.size());
  for (const Host& host : hosts) ids_.push_back(StableHash(host.hash_id));
  table_ = Filler(table_size).Fill(MakeClaimants(hosts, ids_, table_size, true));
  std::vector<bool> placed(hosts.size());
  for (const uint32_t host : table_) placed[host] = true;
  for (uint32_t host = 0; host < hosts.size(); ++host) {
    if (hosts[host].weight > 0 && !placed[host]) slotless_.push_back(host);
  }
  if (std::none_of(hosts.begin(), hosts.end(), [](const Host& host) { return host.newcomer; })) return;
  settled_ = Filler(table_size).Fill(MakeClaimants(hosts, ids_, table_size, false));
  for (const Host& host : hosts) newcomers_.push_back(host.newcomer);
}

std::optional<size_t> Maglev::Pick(const PickContext& context) const {
  if (table_.empty()) return std::nullopt;
  const uint64_t key = context.key ? *context.key : context.random();
  const size_t start = SlotOf(key, table_.size());
  const uint32_t host = table_[start];
  const Answer answer = Ask(context, host, [&] { return KeyDraw(key, ids_[host]); });
  if (answer == Answer::kTakes) return host;
  const bool as_before = answer == Answer::kHeldBack && !settled_.empty() && newcomers_[host];
  if (as_before) {
    if (const std::optional<size_t> settled = Walk(settled_, start, kHops, key, ids_, context))
      return settled;
  }
  if (const auto walked = Walk(table_, start, kHops, key, ids_, context)) return walked;
  return PickSlotless(key, context);
}

std::optional<size_t> Maglev::PickSlotless(uint64_t key, const PickContext& context) const {
  std::optional<size_t> best;
  uint64_t best_draw = 0;
  for (const uint32_t host : slotless_) {
    const uint64_t draw = KeyDraw(key, ids_[host]);
    if (best && draw >= best_draw) continue;
    if (Ask(context, host, [&] { return draw; }) != Answer::kTakes) continue;
    best = host;
    best_draw = draw;
  }
  return best;
}

size_t Maglev::bytes() const {
  return (table_.size() + settled_.size() + slotless_.size()) * sizeof(table_[0]) + newcomers_.size() / 8 +
         ids_.size() * sizeof(ids_[0]);
}

}  // namespace fairlead::balancer
