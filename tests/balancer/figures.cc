// Measures the balancing policies and prints one line of JSON for each policy, number of endpoints and kind
// of weights. figures.py runs it and writes docs/balancing.md.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "pkg/balancer/selector.h"
#include "pkg/base/mix.h"
#include "tests/balancer/plain_maglev.h"

namespace fairlead::balancer {
namespace {

struct Subject {
  std::string name;
  Policy policy;
  uint32_t table_size = 65537;
};

struct Fleet {
  Fleet(size_t count, bool weighted) {
    for (size_t i = 0; i < count; ++i)
      names.push_back(fmt::format("10.{}.{}.{}:8080", i / 65536, i / 256 % 256, i % 256));
    for (size_t i = 0; i < count; ++i) {
      members.push_back(
          {.hash_id = names[i], .weight = weighted ? static_cast<uint32_t>(1 + i * 37 % 10) : 1});
      weight += members[i].weight;
    }
  }
  Fleet Without(size_t left) const {
    Fleet fleet = *this;
    for (size_t i = 0; i < names.size(); ++i) fleet.members[i].hash_id = fleet.names[i];
    fleet.weight -= fleet.members[left].weight;
    fleet.members[left].weight = 0;
    return fleet;
  }
  std::vector<std::string> names;
  std::vector<Member> members;
  uint64_t weight = 0;
};

// Of this process, in nanoseconds.
double CpuTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// The least of a few: what the work costs when nothing disturbs it.
double Cheapest(int times, const std::function<void()>& work) {
  double least = 1e300;
  for (int i = 0; i < times; ++i) {
    const double begin = CpuTime();
    work();
    least = std::min(least, CpuTime() - begin);
  }
  return least;
}

// A cluster whose endpoints are all well, and hold what was placed on them.
class Cluster {
 public:
  Cluster(const Subject& subject, const Fleet& fleet, uint32_t bound)
      : selector_({.policy = subject.policy,
                   .maglev_table_size = subject.table_size,
                   .bounded_load_permille = bound},
                  fleet.members),
        standing_{.cut = kWholeShare, .zone_cut = kWholeShare, .weight = fleet.weight * kWholeShare},
        loads(fleet.members.size()) {}

  size_t Pick(uint64_t key) {
    return *selector_.Pick({.key = key,
                            .turn = turn_,
                            .random = random_,
                            .now = [&](size_t i) { return Now{.load = loads[i]}; },
                            .standing = [&](size_t) { return standing_; }});
  }
  size_t Place(uint64_t key) {
    const size_t picked = Pick(key);
    ++loads[picked];
    ++standing_.load;
    return picked;
  }

 private:
  const Selector selector_;
  Standing standing_;
  std::atomic<uint64_t> turn_ = 0;
  base::Random random_{1};

 public:
  std::vector<uint64_t> loads;
};

// Drawn at random, the same each time.
uint64_t KeyOf(uint64_t i) {
  return base::Mix((i + 1) * base::kGolden);
}

// The keys that tell how the key space is shared out: of a table one for each slot, and so exactly; elsewhere
// a thousand an endpoint or more, where that takes no minutes.
struct Keys {
  Keys(const Subject& subject, size_t endpoints) {
    if (subject.policy == Policy::kMaglev) slots = subject.table_size;
    const bool slow = subject.policy == Policy::kRendezvous;
    count = slots != 0 ? slots
            : slow     ? 100'000'000 / (endpoints + 100)
                       : std::max<size_t>(1'000'000, 1000 * endpoints);
  }
  uint64_t operator[](uint64_t i) const {
    return slots == 0 ? KeyOf(i) : (((i << 32) + slots - 1) / slots) << 32;
  }

  uint64_t slots = 0;
  uint64_t count = 0;
};

double Spread(const std::vector<uint64_t>& shares, const Fleet& fleet, bool most) {
  double edge = most ? 0 : 1e300;
  double total = 0;
  for (const uint64_t share : shares) total += static_cast<double>(share);
  for (size_t i = 0; i < shares.size(); ++i) {
    const double fair = total * fleet.members[i].weight / static_cast<double>(fleet.weight);
    const double ratio = static_cast<double>(shares[i]) / fair;
    edge = most ? std::max(edge, ratio) : std::min(edge, ratio);
  }
  return edge;
}

struct Moved {
  double share = 0;  // of all keys
  double ideal = 0;  // the weight of the one that left, of all
};

// The mean of three that leave in turn.
template <typename KeyAt>
Moved Leave(const Subject& subject, const Fleet& fleet, uint64_t keys, const KeyAt& key_at, uint32_t bound) {
  constexpr size_t kLeavers = 3;
  Moved moved;
  Cluster before(subject, fleet, bound);
  std::vector<uint32_t> was;
  was.reserve(keys);
  for (uint64_t i = 0; i < keys; ++i) was.push_back(before.Place(key_at(i)));
  for (size_t n = 0; n < kLeavers; ++n) {
    const size_t leaver = (2 * n + 1) * fleet.members.size() / (2 * kLeavers);
    Cluster after(subject, fleet.Without(leaver), bound);
    uint64_t differ = 0;
    for (uint64_t i = 0; i < keys; ++i) differ += after.Place(key_at(i)) != was[i];
    moved.share += static_cast<double>(differ) / static_cast<double>(keys) / kLeavers;
    moved.ideal += fleet.members[leaver].weight / static_cast<double>(fleet.weight) / kLeavers;
  }
  return moved;
}

double PickNanoseconds(const Subject& subject, const std::vector<Host>& hosts) {
  const std::unique_ptr<const Balancer> balancer = MakeBalancer(subject.policy, hosts, subject.table_size);
  const bool slow = subject.policy == Policy::kRendezvous || subject.policy == Policy::kLeastConnections;
  const uint64_t picks = slow ? 20'000'000 / (hosts.size() + 100) : 1'000'000;
  std::vector<uint64_t> loads(hosts.size());
  std::atomic<uint64_t> turn = 0;
  base::Random random(1);
  uint64_t sum = 0;
  const double time = Cheapest(5, [&] {
    for (uint64_t i = 0; i < picks; ++i) {
      sum += balancer
                 ->Pick({.key = (i + 1) * base::kGolden,
                         .turn = turn,
                         .random = random,
                         .share = [](size_t) { return kWholeShare; },
                         .load = [&](size_t host) { return loads[host]; },
                         .held_back = [](size_t) {}})
                 .value_or(0);
    }
  });
  return sum == 1 ? 0 : time / static_cast<double>(picks);
}

void Measure(const Subject& subject, size_t count, bool weighted) {
  const Fleet fleet(count, weighted);
  std::vector<Host> hosts;
  for (const Member& member : fleet.members)
    hosts.push_back({.hash_id = member.hash_id, .weight = member.weight});
  std::unique_ptr<const Balancer> built;
  const double build = Cheapest(5, [&] { built = MakeBalancer(subject.policy, hosts, subject.table_size); });
  fmt::print(
      "{{\"policy\": \"{}\", \"endpoints\": {}, \"weighted\": {}, \"build_ms\": {:.4f}, \"bytes\": {}, "
      "\"pick_ns\": {:.1f}",
      subject.name, count, weighted, build / 1e6, built->bytes(), PickNanoseconds(subject, hosts));
  if (Hashes(subject.policy)) {
    const Keys keys(subject, count);
    Cluster cluster(subject, fleet, 0);
    for (uint64_t i = 0; i < keys.count; ++i) cluster.Place(keys[i]);
    const Moved moved = Leave(
        subject, fleet, keys.count, [&](uint64_t i) { return keys[i]; }, 0);
    fmt::print(", \"keys\": {}, \"most\": {:.4f}, \"least\": {:.4f}, \"moved\": {:.6f}, \"ideal\": {:.6f}",
               keys.count, Spread(cluster.loads, fleet, true), Spread(cluster.loads, fleet, false),
               moved.share, moved.ideal);
    if (subject.policy != Policy::kRendezvous || count <= 1000) {
      const uint64_t tunnels = std::max<uint64_t>(20 * count, 20000);
      Cluster bounded(subject, fleet, 1250);
      for (uint64_t i = 0; i < tunnels; ++i) bounded.Place(KeyOf(i));
      const Moved with_bound = Leave(subject, fleet, tunnels, KeyOf, 1250);
      fmt::print(", \"tunnels\": {}, \"bounded_most\": {:.4f}, \"bounded_moved\": {:.6f}", tunnels,
                 Spread(bounded.loads, fleet, true), with_bound.share);
    }
  }
  fmt::print("}}\n");
  std::fflush(stdout);
}

void MeasureThePaper(uint32_t size, size_t count) {
  const Fleet fleet(count, false);
  const std::vector<uint32_t> before = FillAsInThePaper(fleet.names, size, UINT32_MAX);
  std::vector<uint64_t> shares(count);
  for (const uint32_t host : before) ++shares[host];
  const auto leaver = static_cast<uint32_t>(count / 2);
  const std::vector<uint32_t> after = FillAsInThePaper(fleet.names, size, leaver);
  uint64_t differ = 0;
  for (size_t slot = 0; slot < size; ++slot) differ += before[slot] != after[slot];
  fmt::print(
      "{{\"policy\": \"Maglev as in the paper, {} slots\", \"endpoints\": {}, \"weighted\": false, \"most\": "
      "{:.4f}, \"least\": {:.4f}, \"moved\": {:.6f}, \"ideal\": {:.6f}}}\n",
      size, count, Spread(shares, fleet, true), Spread(shares, fleet, false),
      static_cast<double>(differ) / size, 1.0 / static_cast<double>(count));
  std::fflush(stdout);
}

}  // namespace
}  // namespace fairlead::balancer

int main() {
  using namespace fairlead::balancer;
  const Subject subjects[] = {{"ROUND_ROBIN", Policy::kRoundRobin},
                              {"LEAST_CONNECTIONS", Policy::kLeastConnections},
                              {"RANDOM_TWO_CHOICES", Policy::kRandomTwoChoices},
                              {"RING_HASH", Policy::kRingHash},
                              {"MAGLEV, 65537 slots", Policy::kMaglev},
                              {"MAGLEV, 1000003 slots", Policy::kMaglev, 1000003},
                              {"RENDEZVOUS", Policy::kRendezvous}};
  for (const size_t count : {10, 100, 1000, 10000}) {
    for (const Subject& subject : subjects) {
      for (const bool weighted : {false, true}) Measure(subject, count, weighted);
    }
    for (const uint32_t size : {65537u, 1000003u}) MeasureThePaper(size, count);
  }
}
