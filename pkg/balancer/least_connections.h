#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkg/balancer/balancer.h"

namespace fairlead::balancer {

// A weight as far as a share of it goes, in units of 1/4096: comparable, and small enough to be multiplied by
// the load of any host. 0 only without share.
constexpr uint64_t SharedWeight(uint64_t weight, uint32_t share) {
  return share == 0 ? 0 : std::max<uint64_t>(1, weight * share / (kWholeShare / 4096));
}

// LEAST_CONNECTIONS: the host that would hold the least for its weight, (load + 1) / weight, if it got this
// one; between equals, any with the same chance. In slow start a host counts with the share of its weight
// that it has grown into, or a new one would get every tunnel until it held as many as the others. Looks at
// every host on every pick.
class LeastConnections final : public Balancer {
 public:
  explicit LeastConnections(std::span<const Host> hosts);

  std::optional<size_t> Pick(const PickContext& context) const override;
  size_t bytes() const override { return weights_.size() * sizeof(weights_[0]); }

 private:
  std::vector<uint32_t> weights_;
};

}  // namespace fairlead::balancer
