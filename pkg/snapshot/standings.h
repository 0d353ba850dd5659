#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "pkg/balancer/selector.h"
#include "pkg/endpoint/cluster_state.h"

namespace fairlead::snapshot {

// How a cluster's priorities stand, kept until conditions or loads have changed: to look at every endpoint on
// every pick would be too much. Any thread; one of them at a time looks anew, the others go on with what was.
class Standings {
 public:
  using Now = absl::FunctionRef<balancer::Now(size_t)>;

  // All must outlive this.
  Standings(const balancer::Selector& selector, const endpoint::ClusterState& state, size_t endpoints);

  // To be called before a pick.
  void Refresh(Now now) const;
  // That of one priority, its load as it is by now if picks went where they go.
  balancer::Standing Get(size_t level) const;

 private:
  // A Standing that many threads read while one writes: a pick that sees half of a change is off by that
  // change.
  struct Shared {
    std::atomic<uint32_t> cut = 0;
    std::atomic<uint32_t> zone_cut = 0;
    std::atomic<uint32_t> share = 1;
    std::atomic<bool> panic = false;
    std::atomic<uint64_t> weight = 0;
    std::atomic<uint64_t> load = 0;
  };

  bool Stale() const;

  const balancer::Selector& selector_;
  const endpoint::ClusterState& state_;
  // By how much the leases of the cluster may change before loads are looked at anew: about as many looks at
  // single endpoints as 16 a pick.
  const uint64_t tolerance_;
  mutable std::vector<Shared> levels_;
  mutable std::atomic_flag busy_;
  mutable std::atomic<uint64_t> conditions_ = UINT64_MAX;  // as they were counted then
  mutable std::atomic<uint64_t> active_ = 0;               // likewise
};

}  // namespace fairlead::snapshot
