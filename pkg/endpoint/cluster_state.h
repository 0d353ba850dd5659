#pragma once

#include <atomic>
#include <cstdint>

namespace fairlead::endpoint {

// What all threads share of a cluster and every configuration that names it carries on. Its endpoints keep it
// alive and write to it; any thread reads it.
struct ClusterState {
  explicit ClusterState(uint64_t first_turn) : turn(first_turn) {}

  std::atomic<uint64_t> turn;            // the count that ROUND_ROBIN takes its turns from
  std::atomic<uint64_t> conditions = 0;  // how often the condition of one of its endpoints has changed
  std::atomic<uint64_t> active = 0;      // leases held on its endpoints, also on those no longer configured
};

}  // namespace fairlead::endpoint
