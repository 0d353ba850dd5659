#include "pkg/balancer/selector.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/numeric/int128.h"
#include "pkg/balancer/least_connections.h"
#include "pkg/balancer/maglev.h"
#include "pkg/balancer/random_two_choices.h"
#include "pkg/balancer/rendezvous.h"
#include "pkg/balancer/ring_hash.h"
#include "pkg/balancer/round_robin.h"
#include "pkg/base/mix.h"

namespace fairlead::balancer {
namespace {

// Which draw of a key. Part of the contract between proxies.
constexpr uint64_t kPrioritySalt = 0x7072696f72697479;
constexpr uint64_t kZoneSalt = 0x7a6f6e65;

}  // namespace

std::unique_ptr<const Balancer> MakeBalancer(Policy policy, std::span<const Host> hosts,
                                             uint32_t maglev_table_size) {
  switch (policy) {
    case Policy::kRoundRobin:
      return std::make_unique<RoundRobin>(hosts);
    case Policy::kLeastConnections:
      return std::make_unique<LeastConnections>(hosts);
    case Policy::kRandomTwoChoices:
      return std::make_unique<RandomTwoChoices>(hosts);
    case Policy::kRingHash:
      return std::make_unique<RingHash>(hosts);
    case Policy::kMaglev:
      return std::make_unique<Maglev>(hosts, maglev_table_size);
    case Policy::kRendezvous:
      return std::make_unique<Rendezvous>(hosts);
  }
  return nullptr;
}

Selector::Selector(const Settings& settings, std::span<const Member> members) : settings_(settings) {
  std::map<uint32_t, std::vector<uint32_t>> by_priority;
  for (uint32_t i = 0; i < members.size(); ++i) {
    weights_.push_back(members[i].draining ? 0 : members[i].weight);
    draining_.push_back(members[i].draining);
    by_priority[members[i].priority].push_back(i);
  }
  level_of_.resize(members.size());
  for (auto& [priority, places] : by_priority) {
    Level level{.priority = priority, .groups = {}};
    std::vector<uint32_t> zone, others;
    for (const uint32_t place : places) {
      level_of_[place] = static_cast<uint8_t>(levels_.size());
      level.weight += weights_[place];
      if (members[place].same_zone) level.zone_weight += weights_[place];
      (members[place].same_zone ? zone : others).push_back(place);
    }
    const bool split =
        settings_.prefer_same_zone && level.zone_weight > 0 && level.zone_weight < level.weight;
    level.groups.push_back(MakeGroup(members, split ? std::move(zone) : std::move(places)));
    if (split) level.groups.push_back(MakeGroup(members, std::move(others)));
    levels_.push_back(std::move(level));
  }
}

Selector::Group Selector::MakeGroup(std::span<const Member> members, std::vector<uint32_t> places) const {
  std::vector<Host> hosts;
  hosts.reserve(places.size());
  for (const uint32_t place : places) {
    hosts.push_back(
        {.hash_id = members[place].hash_id, .weight = weights_[place], .newcomer = members[place].newcomer});
  }
  return {std::move(places), MakeBalancer(settings_.policy, hosts, settings_.maglev_table_size)};
}

double Selector::FairShare(size_t member) const {
  size_t level = 0;
  while (level < levels_.size() && levels_[level].weight == 0) ++level;
  if (level == levels_.size() || level_of_[member] != level) return 0;
  const Group& used = levels_[level].groups.front();
  if (!std::binary_search(used.members.begin(), used.members.end(), member)) return 0;
  const bool split = levels_[level].groups.size() > 1;
  return static_cast<double>(weights_[member]) /
         static_cast<double>(split ? levels_[level].zone_weight : levels_[level].weight);
}

size_t Selector::bytes() const {
  size_t bytes = weights_.size() * sizeof(weights_[0]) + level_of_.size();
  for (const Level& level : levels_) {
    for (const Group& group : level.groups) {
      bytes += group.members.size() * sizeof(group.members[0]) + group.balancer->bytes();
    }
  }
  return bytes;
}

uint64_t Selector::Draw(const Request& request, uint64_t salt) const {
  return (request.key ? base::Mix(*request.key + salt) : uint64_t{request.random()}) >> 48;
}

size_t Selector::ChooseLevel(const Request& request) const {
  if (levels_.size() < 2) return 0;
  const uint64_t draw = Draw(request, kPrioritySalt);
  for (size_t level = 0; level < levels_.size(); ++level) {
    if (draw < request.standing(level).cut) return level;
  }
  return 0;
}

std::optional<size_t> Selector::Pick(const Request& request) const {
  if (levels_.empty()) return std::nullopt;
  if (request.trace != nullptr) request.trace->why.assign(weights_.size(), Why::kNotReached);
  const size_t chosen = ChooseLevel(request);
  size_t used = chosen;
  Met met;
  std::optional<size_t> picked = PickAnywhere(request, Leniency::kNone, &used, &met);
  // Only what stood in the way is worth another look at everybody.
  if (!picked && met.ramping) {
    used = chosen;
    picked = PickAnywhere(request, Leniency::kSlowStart, &used, &met);
  }
  if (!picked && met.over_bound) {
    used = chosen;
    picked = PickAnywhere(request, Leniency::kSlowStartAndBound, &used, &met);
  }
  if (!picked && request.full != nullptr) *request.full |= met.full;
  if (request.trace != nullptr) Describe(request, picked ? used : chosen, picked);
  return picked;
}

// First in `level`, then in the others; `level` becomes the one that was asked last.
std::optional<size_t> Selector::PickAnywhere(const Request& request, Leniency leniency, size_t* level,
                                             Met* met) const {
  const size_t first = *level;
  std::optional<size_t> picked = PickInLevel(request, first, leniency, met);
  for (size_t next = 0; next < levels_.size() && !picked; ++next) {
    if (next != first) picked = PickInLevel(request, *level = next, leniency, met);
  }
  return picked;
}

std::optional<size_t> Selector::PickInLevel(const Request& request, size_t level, Leniency leniency,
                                            Met* met) const {
  const Standing standing = request.standing(level);
  if (standing.weight == 0) return std::nullopt;
  const std::vector<Group>& groups = levels_[level].groups;
  const bool away = groups.size() > 1 && Draw(request, kZoneSalt) >= standing.zone_cut;
  const std::optional<size_t> picked = PickInGroup(request, groups[away ? 1 : 0], standing, leniency, met);
  if (picked || groups.size() == 1) return picked;
  return PickInGroup(request, groups[away ? 0 : 1], standing, leniency, met);
}

std::optional<size_t> Selector::PickInGroup(const Request& request, const Group& group,
                                            const Standing& standing, Leniency leniency, Met* met) const {
  const auto note = [&](size_t member, Why why) {
    if (request.trace != nullptr) request.trace->why[member] = why;
  };
  const auto share = [&](size_t host) -> uint32_t {
    const size_t member = group.members[host];
    const Now now = request.now(member);
    const Why why = Judge(member, now, standing, leniency);
    if (why != Why::kNotReached) {
      met->full |= why == Why::kFull;
      met->over_bound |= why == Why::kOverBound;
      note(member, why);
      return 0;
    }
    if (now.share >= standing.share || leniency != Leniency::kNone) return kWholeShare;
    return std::max<uint32_t>(1, static_cast<uint32_t>(uint64_t{now.share} * kWholeShare / standing.share));
  };
  const std::optional<size_t> host = group.balancer->Pick({
      .key = request.key,
      .turn = request.turn,
      .random = request.random,
      .share = share,
      .load = [&](size_t i) { return request.now(group.members[i]).load; },
      .held_back =
          [&](size_t i) {
            met->ramping = true;
            note(group.members[i], Why::kRamping);
          },
  });
  if (!host) return std::nullopt;
  return group.members[*host];
}

Why Selector::Judge(size_t member, const Now& now, const Standing& standing, Leniency leniency) const {
  if (draining_[member]) return Why::kDraining;
  if (weights_[member] == 0) return Why::kNoWeight;
  if (now.tried) return Why::kTried;
  if (now.unhealthy && !standing.panic) return Why::kUnhealthy;
  if (now.ejected && !standing.panic) return Why::kEjected;
  if (now.full) return Why::kFull;
  if (settings_.bounded_load_permille == 0 || leniency == Leniency::kSlowStartAndBound) {
    return Why::kNotReached;
  }
  // load + 1 <= bound x (all + 1) x part / parts, rounded up, where a part is weight x share: of one in slow
  // start as much is expected as it has grown into, and what it does not take yet is the others' to hold.
  const absl::uint128 held = absl::uint128(now.load * 1000) * standing.weight;
  const absl::uint128 most = absl::uint128(settings_.bounded_load_permille * (standing.load + 1)) *
                             (uint64_t{weights_[member]} * now.share);
  const bool over = held >= most;
  return over ? Why::kOverBound : Why::kNotReached;
}

// What the walk did not come to is judged here, by the same judge.
void Selector::Describe(const Request& request, size_t level, std::optional<size_t> picked) const {
  Trace& trace = *request.trace;
  trace.priority = levels_[level].priority;
  trace.panic = request.standing(level).panic;
  const std::vector<Group>& groups = levels_[level].groups;
  const auto in_group = [&](const Group& group, size_t member) {
    return std::binary_search(group.members.begin(), group.members.end(), member);
  };
  const Group* used = &groups.front();
  if (picked && groups.size() > 1 && !in_group(*used, *picked)) used = &groups.back();
  for (size_t member = 0; member < weights_.size(); ++member) {
    if (trace.why[member] != Why::kNotReached) continue;
    trace.why[member] =
        Judge(member, request.now(member), request.standing(level_of_[member]), Leniency::kNone);
    if (trace.why[member] != Why::kNotReached) continue;
    if (level_of_[member] != level) {
      trace.why[member] = Why::kOtherPriority;
    } else if (picked && !in_group(*used, member)) {
      trace.why[member] = Why::kOtherZone;
    }
  }
  if (picked) trace.why[*picked] = Why::kPicked;
}

}  // namespace fairlead::balancer
