#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkg/balancer/balancer.h"
#include "pkg/base/random.h"

namespace fairlead::balancer {

// The world around a pick, for tests: who is out, who holds what, and a count of who got how much.
class TestPicker {
 public:
  explicit TestPicker(size_t hosts) : loads(hosts), picks(hosts) {}

  std::optional<size_t> Pick(const Balancer& balancer, std::optional<uint64_t> key = std::nullopt) {
    const std::optional<size_t> picked = balancer.Pick({
        .key = key,
        .turn = turn,
        .random = random,
        .eligible = [&](size_t i) { return !out.contains(i); },
        .load = [&](size_t i) { return loads[i]; },
    });
    if (picked) ++picks[*picked];
    return picked;
  }

  std::set<size_t> out;
  std::vector<uint64_t> loads;
  std::vector<uint64_t> picks;
  std::atomic<uint64_t> turn = 0;
  base::Random random{1};
};

// Names for hosts, "host-0" and on.
inline std::vector<std::string> HostNames(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back("host-" + std::to_string(i));
  return names;
}

}  // namespace fairlead::balancer
