#include "pkg/endpoint/retry_permit.h"

#include <algorithm>

namespace fairlead::endpoint {

std::optional<RetryPermit> RetryPermit::Take(const std::shared_ptr<ClusterState>& cluster, uint32_t percent,
                                             uint32_t minimum) {
  // Tunnels last for hours and are never retried: they say nothing about how much is asked now.
  const uint64_t tunnels = cluster->open_tunnels.load(std::memory_order_relaxed);
  const uint64_t active = std::max(cluster->active.load(std::memory_order_relaxed), tunnels);
  const uint64_t allowed = std::max<uint64_t>(minimum, (active - tunnels) * percent / 100);
  uint64_t retries = cluster->retries.load(std::memory_order_relaxed);
  do {
    if (retries >= allowed) return std::nullopt;
  } while (!cluster->retries.compare_exchange_weak(retries, retries + 1, std::memory_order_relaxed));
  return RetryPermit(cluster);
}

RetryPermit::~RetryPermit() {
  if (cluster_ != nullptr) cluster_->retries.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace fairlead::endpoint
