#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkg/balancer/balancer.h"

namespace fairlead::balancer {

// RENDEZVOUS: highest random weight (Thaler and Ravishankar, 1998), with weights. A key belongs to the host
// with the least -log(draw) / weight, where each host has a draw of its own for each key. When one leaves,
// its own keys move and no others, in proportion to the weights; the next in that order takes what a host
// does not. Nothing to build, but every pick looks at every host: for small sets.
class Rendezvous final : public Balancer {
 public:
  explicit Rendezvous(std::span<const Host> hosts);

  std::optional<size_t> Pick(const PickContext& context) const override;
  size_t bytes() const override { return hosts_.size() * sizeof(hosts_[0]); }

 private:
  struct Entry {
    uint64_t id = 0;  // the stable hash of its hash_id
    uint32_t host = 0;
    uint32_t weight = 0;
  };
  std::vector<Entry> hosts_;  // those of weight
  bool equal_ = true;         // all have the same weight
};

}  // namespace fairlead::balancer
