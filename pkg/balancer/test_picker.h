#pragma once

#include <atomic>
#include <cstdint>
#include <map>
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
        .share = [&](size_t i) { return ShareOf(i); },
        .load = [&](size_t i) { return loads[i]; },
        .held_back = [&](size_t) { ++held_back; },
    });
    if (picked) ++picks[*picked];
    return picked;
  }

  std::set<size_t> out;
  std::map<size_t, uint32_t> shares;  // those in slow start
  std::vector<uint64_t> loads;
  std::vector<uint64_t> picks;
  uint64_t held_back = 0;
  std::atomic<uint64_t> turn = 0;
  base::Random random{1};

 private:
  uint32_t ShareOf(size_t host) const {
    if (out.contains(host)) return 0;
    const auto found = shares.find(host);
    return found == shares.end() ? kWholeShare : found->second;
  }
};

// Names for hosts, "host-0" and on.
inline std::vector<std::string> HostNames(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back("host-" + std::to_string(i));
  return names;
}

}  // namespace fairlead::balancer
