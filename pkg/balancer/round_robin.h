#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkg/balancer/balancer.h"

namespace fairlead::balancer {

// ROUND_ROBIN: hosts in turn, as often as their weights say, a heavy host's turns spread over the round
// rather than bunched. The whole round is laid out when the table is built; a pick takes the next turn of the
// shared count.
//
// A round is as long as the sum of the weights over their greatest common divisor, up to max(65536, 16 x
// hosts) turns; beyond that the weights are rounded to fit, none to zero. A host that is passed over leaves
// its turn to the next one in the round that is not; one in slow start leaves some of them, at random.
class RoundRobin final : public Balancer {
 public:
  explicit RoundRobin(std::span<const Host> hosts);

  std::optional<size_t> Pick(const PickContext& context) const override;
  size_t bytes() const override { return round_.size() * sizeof(round_[0]); }

 private:
  std::vector<uint32_t> round_;
  size_t hosts_;  // in the list, those without weight included
};

}  // namespace fairlead::balancer
