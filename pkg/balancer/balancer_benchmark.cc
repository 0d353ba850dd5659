#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "pkg/balancer/selector.h"
#include "pkg/base/mix.h"

namespace fairlead::balancer {
namespace {

// Hosts with `weights` different weights.
struct HostList {
  HostList(size_t count, uint32_t weights) {
    for (size_t i = 0; i < count; ++i) names.push_back("10.0.0.1:" + std::to_string(i));
    for (size_t i = 0; i < count; ++i) {
      hosts.push_back(
          {.hash_id = names[i], .weight = weights == 1 ? 1 : static_cast<uint32_t>(1 + i * 7919 % weights)});
      members.push_back({.hash_id = names[i], .weight = hosts[i].weight});
    }
  }
  std::vector<std::string> names;
  std::vector<Host> hosts;
  std::vector<Member> members;
};

template <Policy kPolicy>
void Build(benchmark::State& state) {
  const HostList list(state.range(0), static_cast<uint32_t>(state.range(1)));
  const auto slots = static_cast<uint32_t>(state.range(2));
  for (auto _ : state) benchmark::DoNotOptimize(MakeBalancer(kPolicy, list.hosts, slots));
}

template <Policy kPolicy>
void Pick(benchmark::State& state) {
  const HostList list(state.range(0), 1);
  const std::unique_ptr<const Balancer> balancer = MakeBalancer(kPolicy, list.hosts, 65537);
  const std::vector<std::atomic<uint64_t>> loads(list.hosts.size());
  std::atomic<uint64_t> turn = 0;
  base::Random random(1);
  uint64_t key = 0;
  for (auto _ : state) {
    key += base::kGolden;
    benchmark::DoNotOptimize(balancer->Pick({
        .key = key,
        .turn = turn,
        .random = random,
        .share = [](size_t) { return kWholeShare; },
        .load = [&](size_t i) { return loads[i].load(std::memory_order_relaxed); },
        .held_back = [](size_t) {},
    }));
  }
}

// With priorities, health and the bound around it.
template <Policy kPolicy>
void Select(benchmark::State& state) {
  const HostList list(state.range(0), 1);
  const Selector selector({.policy = kPolicy, .bounded_load_permille = Hashes(kPolicy) ? 1250u : 0u},
                          list.members);
  const std::vector<Now> now(list.members.size());
  const std::vector<Standing> standings = selector.Assess([&](size_t i) { return now[i]; });
  std::atomic<uint64_t> turn = 0;
  base::Random random(1);
  uint64_t key = 0;
  for (auto _ : state) {
    key += base::kGolden;
    benchmark::DoNotOptimize(selector.Pick({.key = key,
                                            .turn = turn,
                                            .random = random,
                                            .now = [&](size_t i) { return now[i]; },
                                            .standing = [&](size_t level) { return standings[level]; }}));
  }
}

void Assess(benchmark::State& state) {
  const HostList list(state.range(0), 1);
  const Selector selector({.policy = Policy::kLeastConnections}, list.members);
  const std::vector<Now> now(list.members.size());
  for (auto _ : state) benchmark::DoNotOptimize(selector.Assess([&](size_t i) { return now[i]; }));
}

BENCHMARK(Build<Policy::kRoundRobin>)
    ->ArgsProduct({{10, 1000, 10000}, {1, 100, 65535}, {0}})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(Build<Policy::kMaglev>)
    ->ArgsProduct({{10, 1000, 10000}, {1, 100, 65535}, {65537, 1000003}})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(Build<Policy::kRingHash>)
    ->ArgsProduct({{10, 1000, 10000}, {1, 100, 65535}, {0}})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(Pick<Policy::kRoundRobin>)->Arg(10)->Arg(10000);
BENCHMARK(Pick<Policy::kLeastConnections>)->Arg(10)->Arg(10000);
BENCHMARK(Pick<Policy::kRandomTwoChoices>)->Arg(10)->Arg(10000);
BENCHMARK(Pick<Policy::kRingHash>)->Arg(10)->Arg(10000);
BENCHMARK(Pick<Policy::kMaglev>)->Arg(10)->Arg(10000);
BENCHMARK(Pick<Policy::kRendezvous>)->Arg(10)->Arg(1000);
BENCHMARK(Select<Policy::kRoundRobin>)->Arg(10)->Arg(10000);
BENCHMARK(Select<Policy::kMaglev>)->Arg(10)->Arg(10000);
BENCHMARK(Assess)->Arg(10)->Arg(10000);

}  // namespace
}  // namespace fairlead::balancer
