#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/balancer/selector.h"
#include "pkg/base/random.h"

namespace fairlead::balancer {

// Endpoints as they fare, and the picks among them, for tests.
class TestCluster {
 public:
  TestCluster(const Settings& settings, const std::vector<Member>& members)
      : now(members.size()), picks(members.size()), selector(settings, members) {}

  std::optional<size_t> Pick(std::optional<uint64_t> key = std::nullopt) {
    const auto is = [&](size_t member) { return now[member]; };
    const std::vector<Standing> standings = selector.Assess(is);
    trace.panic = full = false;
    looks = 0;
    const std::optional<size_t> picked =
        selector.Pick({.key = key,
                       .turn = turn,
                       .random = random,
                       .now =
                           [&](size_t member) {
                             ++looks;
                             return is(member);
                           },
                       .standing = [&](size_t level) { return standings[level]; },
                       .trace = &trace,
                       .full = &full});
    if (picked) ++picks[*picked];
    return picked;
  }

  std::vector<Now> now;
  std::vector<uint64_t> picks;
  Trace trace;
  bool full = false;
  size_t looks = 0;  // at members, in the last pick
  const Selector selector;

 private:
  std::atomic<uint64_t> turn = 0;
  base::Random random{1};
};

}  // namespace fairlead::balancer
