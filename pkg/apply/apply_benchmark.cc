// From a change being brought to its answer: judge, compile, persist with fsync, publish. One of 10,000
// endpoints is to stay under 50 ms.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <utility>

#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

config::Config LargeConfig(int64_t endpoints) {
  config::Config config = ConfigOf(TestYaml());
  config.clusters[0].endpoints.clear();
  for (int64_t i = 0; i < endpoints; ++i) {
    config::Endpoint endpoint;
    endpoint.id = fmt::format("pod-{:08x}-0000-4000-8000-000000000000", i);
    endpoint.address =
        *base::SocketAddress::Parse(fmt::format("10.{}.{}.{}:8080", i >> 16, (i >> 8) & 255, i & 255));
    config.clusters[0].endpoints.push_back(std::move(endpoint));
  }
  return config;
}

// One endpoint of so many changes.
void PatchOne(benchmark::State& state) {
  const TestDirectory directory;
  TestApplier applier(config::Owner::kPush, directory.path());
  applier.Start();
  applier.Submit(Push(ReplaceConfig{LargeConfig(state.range(0))}));
  config::Endpoint endpoint = applier->current()->clusters[0].endpoints[0];
  uint32_t weight = 1;
  for (auto _ : state) {
    endpoint.weight = 1 + weight++ % 100;
    const Answer answer =
        applier.Submit(Push(PatchEndpoints{.cluster = "chat", .upsert = {endpoint}, .remove_ids = {}}));
    if (!answer.applied()) state.SkipWithError(answer.message.c_str());
  }
}
BENCHMARK(PatchOne)
    ->Arg(100)
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace fairlead::apply
