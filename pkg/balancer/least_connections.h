#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkg/balancer/balancer.h"

namespace fairlead::balancer {

// LEAST_CONNECTIONS: the eligible host that would hold the least for its weight, (load + 1) / weight, if it
// got this one; between equals, any with the same chance. Looks at every host on every pick.
class LeastConnections final : public Balancer {
 public:
  explicit LeastConnections(std::span<const Host> hosts);

  std::optional<size_t> Pick(const PickContext& context) const override;

 private:
  std::vector<uint32_t> weights_;
};

}  // namespace fairlead::balancer
