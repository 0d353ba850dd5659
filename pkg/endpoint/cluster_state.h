#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "pkg/base/once_per_second.h"
#include "pkg/endpoint/ejections.h"
#include "pkg/endpoint/retry_budget.h"

namespace fairlead::endpoint {

// What all threads share of a cluster and every configuration that names it carries on. Its endpoints keep it
// alive and write to it; any thread reads it.
struct ClusterState {
  explicit ClusterState(uint64_t first_turn) : turn(first_turn) {}

  // Read by every pick, seldom written.
  alignas(64) std::atomic<uint64_t> conditions = 0;  // how often one of its endpoints' conditions has changed
  std::atomic<uint64_t> max_active = UINT64_MAX;     // of `active`
  // Written by every request, apart from the former: other cores keep theirs in their caches.
  alignas(64) std::atomic<uint64_t> active = 0;  // leases held on its endpoints, also on those that left
  std::atomic<uint64_t> open_tunnels = 0;        // those of them that are tunnels
  alignas(64) std::atomic<uint64_t> turn;        // the count that ROUND_ROBIN takes its turns from
  // Likewise for the addresses that backends are connected to from: IPv4, IPv6.
  std::array<std::atomic<uint64_t>, 2> source_turns = {};
  RetryBudget retries;
  Ejections ejections;
  base::OncePerSecond tls_log;  // when to log why no TLS was had with a backend

  // Whether it holds all that it may.
  bool full() const {
    return active.load(std::memory_order_relaxed) >= max_active.load(std::memory_order_relaxed);
  }
};

}  // namespace fairlead::endpoint
