#pragma once

#include <memory>
#include <optional>

#include "pkg/endpoint/cluster_state.h"

namespace fairlead::endpoint {

// A retry under way, counted against its cluster's budget until this is destroyed. Move-only.
class RetryPermit {
 public:
  // Nothing when as many are under way as `percent` of the cluster's requests and upgrades under way, and at
  // least `minimum`. Any thread.
  static std::optional<RetryPermit> Take(const std::shared_ptr<ClusterState>& cluster, uint32_t percent,
                                         uint32_t minimum);

  RetryPermit(RetryPermit&&) noexcept = default;
  RetryPermit& operator=(RetryPermit&&) = delete;
  ~RetryPermit();

 private:
  explicit RetryPermit(std::shared_ptr<ClusterState> cluster) : cluster_(std::move(cluster)) {}

  std::shared_ptr<ClusterState> cluster_;
};

}  // namespace fairlead::endpoint
