#include "pkg/balancer/round_robin.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace fairlead::balancer {
namespace {

constexpr uint64_t kMaxTurns = 65536;
constexpr uint64_t kMaxTurnsPerHost = 16;

// Hosts with the same number of turns in a round: among them the turn goes round in order, so that only the
// one whose turn is next needs to be compared with the other groups'.
struct Group {
  int64_t turns_each = 0;
  std::vector<uint32_t> hosts;
  size_t next = 0;
  int64_t taken_each = 0;  // turns that hosts[next] has had

  // How far the next host is behind its due after `turn` turns of a round of `round` turns, in shares of a
  // turn.
  int64_t Lag(int64_t turn, int64_t round) const { return turn * turns_each - round * taken_each; }

  uint32_t Take() {
    const uint32_t host = hosts[next];
    if (++next == hosts.size()) {
      next = 0;
      ++taken_each;
    }
    return host;
  }
};

// The turns in a round that each host of weight is due, grouped by how many.
std::vector<Group> ShareTurns(std::span<const Host> hosts) {
  uint64_t divisor = 0, total = 0, weighted = 0;
  for (const Host& host : hosts) {
    divisor = std::gcd(divisor, host.weight);
    total += host.weight;
    weighted += host.weight != 0;
  }
  const uint64_t limit = std::max(kMaxTurns, kMaxTurnsPerHost * weighted);
  std::map<uint64_t, Group> groups;
  for (size_t i = 0; i < hosts.size(); ++i) {
    const uint64_t weight = hosts[i].weight;
    if (weight == 0) continue;
    const uint64_t rounded = std::max<uint64_t>(1, (weight * limit + total / 2) / total);
    const uint64_t turns = total / divisor <= limit ? weight / divisor : rounded;
    groups[turns].turns_each = static_cast<int64_t>(turns);
    groups[turns].hosts.push_back(static_cast<uint32_t>(i));
  }
  std::vector<Group> result;
  result.reserve(groups.size());
  for (auto& [turns, group] : groups) result.push_back(std::move(group));
  return result;
}

}  // namespace

RoundRobin::RoundRobin(std::span<const Host> hosts) : hosts_(hosts.size()) {
  std::vector<Group> groups = ShareTurns(hosts);
  int64_t turns = 0;
  for (const Group& group : groups) turns += group.turns_each * static_cast<int64_t>(group.hosts.size());
  round_.reserve(turns);
  // Each turn goes to the host furthest behind its due, of equals to the first in the list: the order that
  // the usual running-sum method gives, without a look at every host on every turn.
  for (int64_t turn = 1; turn <= turns; ++turn) {
    Group* behind = &groups.front();
    for (Group& group : groups) {
      const int64_t lag = group.Lag(turn, turns), most = behind->Lag(turn, turns);
      if (lag > most || (lag == most && group.hosts[group.next] < behind->hosts[behind->next]))
        behind = &group;
    }
    round_.push_back(behind->Take());
  }
}

std::optional<size_t> RoundRobin::Pick(const PickContext& context) const {
  if (round_.empty()) return std::nullopt;
  const uint64_t turn = context.turn.fetch_add(1, std::memory_order_relaxed);
  for (size_t passed = 0; passed < round_.size(); ++passed) {
    if (passed == hosts_) {
      // Whether there is anybody, before the whole round is gone through.
      size_t host = 0;
      while (host < hosts_ && context.share(host) == 0) ++host;
      if (host == hosts_) return std::nullopt;
    }
    const uint32_t host = round_[(turn + passed) % round_.size()];
    const uint32_t share = context.share(host);
    if (share == 0) continue;
    if (share < kWholeShare && (context.random() >> 48) >= share) {
      context.held_back(host);
      continue;
    }
    // Turns passed over are spent, or the host behind a dead one would get that one's share on top of its
    // own.
    if (passed > 0) context.turn.fetch_add(passed, std::memory_order_relaxed);
    return host;
  }
  return std::nullopt;
}

}  // namespace fairlead::balancer
