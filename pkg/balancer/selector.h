#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "pkg/balancer/balancer.h"
#include "pkg/balancer/why.h"
#include "pkg/base/random.h"

namespace fairlead::balancer {

enum class Policy : uint8_t {
  kRoundRobin,
  kLeastConnections,
  kRandomTwoChoices,
  kRingHash,
  kMaglev,
  kRendezvous,
};

// Whether it places by key.
constexpr bool Hashes(Policy policy) {
  return policy == Policy::kRingHash || policy == Policy::kMaglev || policy == Policy::kRendezvous;
}

// One line for each policy; its file is the rest.
std::unique_ptr<const Balancer> MakeBalancer(Policy policy, std::span<const Host> hosts,
                                             uint32_t maglev_table_size);

// An endpoint as the configuration has it.
struct Member {
  std::string_view hash_id;
  uint32_t weight = 1;  // 0–65535; 0 = never picked
  bool draining = false;
  uint32_t priority = 0;  // 0 is used first
  bool same_zone = true;  // as this proxy
  bool newcomer = false;  // see Host
};

// The same endpoint as it fares now.
struct Now {
  bool unhealthy = false;
  bool ejected = false;
  bool full = false;
  bool tried = false;            // for this request
  uint32_t share = kWholeShare;  // slow start, 1 to kWholeShare
  uint64_t load = 0;             // leases, counted over all threads
};

struct Settings {
  Policy policy = Policy::kRoundRobin;
  uint32_t maglev_table_size = 65537;  // a prime
  // Consistent hashing with bounded loads (Mirrokni et al., SODA 2018): no endpoint holds more than this many
  // thousandths of its fair part of what all hold, rounded up; its part is by its weight, and by its share in
  // slow start. Above 1000; 0 = unbounded. Hashing policies.
  uint32_t bounded_load_permille = 0;
  bool prefer_same_zone = false;
  // The percentage of its weight that a priority, or this zone, must have available to take all; below, it
  // takes in proportion and the rest spills to the next. 1–100.
  uint32_t failover_percent = 70;
  // Below this percentage of available weight a priority ignores health. 0–100; 0 = never.
  uint32_t panic_percent = 50;
};

// What Assess makes of one priority.
struct Standing {
  uint32_t cut = 0;       // draws below this, of kWholeShare, that no earlier priority took are for this one
  uint32_t zone_cut = 0;  // of those here, draws below this stay in the zone
  uint32_t share = kWholeShare;  // the largest of its available endpoints: shares are relative to it
  bool panic = false;
  uint64_t weight = 0;  // of its available endpoints, each by its share
  uint64_t load = 0;    // on them
};

// Picks from a cluster: by priority, by zone, by policy, and whom to pass over. Immutable, shared by all
// threads; no I/O, no clock. The same members and settings give the same answers in every process.
//
// A priority takes all picks while failover_percent of its weight is available, and in proportion below; what
// it leaves goes to the next. With a key it is the key that decides, the same keys at the same shares. The
// same holds for the own zone against the others. Where an endpoint does not take a pick, the policy finds
// the next; where none of a zone or priority does, the others are asked; and before a pick fails, first slow
// start and then the bound are forgotten.
class Selector {
 public:
  Selector(const Settings& settings, std::span<const Member> members);

  // What a pick depends on beside its own key. The references need to live as long as the call.
  struct Request {
    std::optional<uint64_t> key;
    std::atomic<uint64_t>& turn;  // as in PickContext
    base::Random& random;
    absl::FunctionRef<Now(size_t)> now;
    // By place among the priorities.
    absl::FunctionRef<Standing(size_t)> standing;
    Trace* trace = nullptr;
    // Set where nobody is picked and one that is full would have done; otherwise left alone.
    bool* full = nullptr;
  };
  // The place of the endpoint to take in the list that this was built from. Any thread.
  std::optional<size_t> Pick(const Request& request) const;

  // How the priorities stand, from the lowest number; to be taken again when a condition has changed, or
  // loads have. Looks at every endpoint.
  std::vector<Standing> Assess(absl::FunctionRef<Now(size_t)> now) const;

  // Whether it is one that picks are for while all are well: it has weight, and does not drain.
  bool IsTaking(size_t member) const { return weights_[member] > 0; }

  // The share of all picks that the weights give a member while all are well, 0 to 1.
  double FairShare(size_t member) const;

  size_t priorities() const { return levels_.size(); }
  const Settings& settings() const { return settings_; }
  size_t bytes() const;

 private:
  // What the last attempts of a pick overlook.
  enum class Leniency : uint8_t { kNone, kSlowStart, kSlowStartAndBound };
  // What stood in the way of an attempt.
  struct Met {
    bool ramping = false;
    bool over_bound = false;
    bool full = false;
  };
  // Some of the members, with the table of the policy over them.
  struct Group {
    std::vector<uint32_t> members;  // their places in the list
    std::unique_ptr<const Balancer> balancer;
  };
  struct Level {
    uint32_t priority = 0;
    uint64_t weight = 0;
    uint64_t zone_weight = 0;  // of those in the zone
    // One group, or the zone's and the others'.
    std::vector<Group> groups;
  };

  Group MakeGroup(std::span<const Member> members, std::vector<uint32_t> places) const;
  size_t ChooseLevel(const Request& request) const;
  std::optional<size_t> PickAnywhere(const Request& request, Leniency leniency, size_t* level,
                                     Met* met) const;
  std::optional<size_t> PickInLevel(const Request& request, size_t level, Leniency leniency, Met* met) const;
  std::optional<size_t> PickInGroup(const Request& request, const Group& group, const Standing& standing,
                                    Leniency leniency, Met* met) const;
  Why Judge(size_t member, const Now& now, const Standing& standing, Leniency leniency) const;
  void Describe(const Request& request, size_t level, std::optional<size_t> picked) const;
  uint64_t Draw(const Request& request, uint64_t salt) const;

  Settings settings_;
  std::vector<Level> levels_;
  std::vector<uint32_t> weights_;  // of each member; 0 where it drains
  std::vector<bool> draining_;
  std::vector<uint8_t> level_of_;  // each member's
};

}  // namespace fairlead::balancer
