#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkg/balancer/balancer.h"

namespace fairlead::balancer {

// RANDOM_TWO_CHOICES: two hosts are drawn by weight, and the one that would hold the less for its weight
// takes the pick (Mitzenmacher, 2001). As even as LEAST_CONNECTIONS but for a little, at a cost that does not
// grow with the number of hosts, and many proxies do not run to the same idle host at once.
class RandomTwoChoices final : public Balancer {
 public:
  explicit RandomTwoChoices(std::span<const Host> hosts);

  std::optional<size_t> Pick(const PickContext& context) const override;
  size_t bytes() const override { return columns_.size() * sizeof(columns_[0]); }

 private:
  // Walker's alias method: every column is equally wide; a draw that lands below `part` is `host`, the rest
  // is `other`.
  struct Column {
    uint32_t host = 0;
    uint32_t other = 0;
    uint32_t weight = 0;
    uint32_t other_weight = 0;
    uint64_t part = 0;  // of 2^32
  };
  struct Drawn {
    uint32_t host = 0;
    uint64_t weight = 0;  // as its share has it now
  };

  std::optional<Drawn> Draw(const PickContext& context, std::optional<size_t> not_this) const;
  std::optional<Drawn> DrawAmongAll(const PickContext& context, std::optional<size_t> not_this) const;

  std::vector<Column> columns_;
};

}  // namespace fairlead::balancer
