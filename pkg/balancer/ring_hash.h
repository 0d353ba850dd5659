#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkg/balancer/balancer.h"

namespace fairlead::balancer {

// RING_HASH: consistent hashing on a ring (Karger et al., STOC 1997), with points as ketama has them. A host
// has kPointsPerHost points on the ring, more or fewer as its weight is to the mean weight, but one at least;
// a key belongs to the first point at or behind it. When one of equals leaves, its own keys move and no
// others.
//
// Where the host of a point does not take the pick it walks on, point by point.
class RingHash final : public Balancer {
 public:
  static constexpr uint64_t kPointsPerHost = 160;

  explicit RingHash(std::span<const Host> hosts);

  std::optional<size_t> Pick(const PickContext& context) const override;
  size_t bytes() const override;

 private:
  size_t FirstAtOrBehind(uint64_t key) const;

  std::vector<uint64_t> points_;  // in order
  std::vector<uint32_t> owners_;  // the host of each
  // Where the points of each part of the ring begin; the parts are equally long, one for a point or so.
  std::vector<uint32_t> parts_;
  unsigned shift_ = 0;         // from a key to its part
  std::vector<uint64_t> ids_;  // the stable hash of each host's hash_id
};

}  // namespace fairlead::balancer
