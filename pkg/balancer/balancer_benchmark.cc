#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "pkg/balancer/least_connections.h"
#include "pkg/balancer/maglev.h"
#include "pkg/balancer/round_robin.h"

namespace fairlead::balancer {
namespace {

// Hosts with `weights` different weights.
struct HostList {
  HostList(size_t count, uint32_t weights) {
    for (size_t i = 0; i < count; ++i) names.push_back("10.0.0.1:" + std::to_string(i));
    for (size_t i = 0; i < count; ++i) {
      hosts.push_back(
          {.hash_id = names[i], .weight = weights == 1 ? 1 : static_cast<uint32_t>(1 + i * 7919 % weights)});
    }
  }
  std::vector<std::string> names;
  std::vector<Host> hosts;
};

template <typename Kind>
void Build(benchmark::State& state) {
  const HostList list(state.range(0), static_cast<uint32_t>(state.range(1)));
  for (auto _ : state) benchmark::DoNotOptimize(std::make_unique<Kind>(list.hosts));
  state.SetLabel(std::to_string(state.range(0)) + " hosts, " + std::to_string(state.range(1)) + " weights");
}

template <typename Kind>
void Pick(benchmark::State& state) {
  const HostList list(state.range(0), 1);
  const Kind balancer(list.hosts);
  const std::vector<std::atomic<uint64_t>> loads(list.hosts.size());
  std::atomic<uint64_t> turn = 0;
  base::Random random(1);
  uint64_t key = 0;
  for (auto _ : state) {
    key += 0x9e3779b97f4a7c15;
    benchmark::DoNotOptimize(balancer.Pick({
        .key = key,
        .turn = turn,
        .random = random,
        .eligible = [](size_t) { return true; },
        .load = [&](size_t i) { return loads[i].load(std::memory_order_relaxed); },
    }));
  }
}

BENCHMARK(Build<RoundRobin>)
    ->ArgsProduct({{10, 1000, 10000}, {1, 100, 65535}})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(Build<Maglev>)->ArgsProduct({{10, 1000, 10000}, {1, 100, 65535}})->Unit(benchmark::kMicrosecond);
BENCHMARK(Pick<RoundRobin>)->Arg(10)->Arg(10000);
BENCHMARK(Pick<LeastConnections>)->Arg(10)->Arg(10000);
BENCHMARK(Pick<Maglev>)->Arg(10)->Arg(10000);

}  // namespace
}  // namespace fairlead::balancer
