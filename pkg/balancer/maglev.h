#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkg/balancer/balancer.h"

namespace fairlead::balancer {

// MAGLEV: consistent hashing by a filled table (Eisenbud et al., "Maglev: A Fast and Reliable Software
// Network Load Balancer", NSDI 2016, §3.4), with weights. A pick is one lookup; the same set of hosts gives
// the same answers in every process, whatever their order in the list; taking one of N away moves little more
// than its own 1/N of the keys.
//
// Every host prefers the slots in an order of its own, drawn from its hash_id. Hosts take turns, in
// proportion to their weights, at claiming the free slot they like best, until none is free. The order of two
// hosts' turns depends on those two alone, so that a third one's weight disturbs them little. Shares are good
// to a few percent up to about a hundredth as many hosts as slots, and a host whose fair share is under one
// slot may have none.
//
// Where a key's host is not eligible the pick walks on to the next slot whose host is: deterministic, and
// each key of the lost host finds its own way. Without a key the pick starts at random.
class Maglev final : public Balancer {
 public:
  static constexpr uint32_t kTableSize = 65537;

  // `table_size` is a prime above 2; every proxy that must agree uses the same one.
  explicit Maglev(std::span<const Host> hosts, uint32_t table_size = kTableSize);

  std::optional<size_t> Pick(const PickContext& context) const override;

  // The host of each slot, in order; empty when no host has weight.
  std::span<const uint32_t> table() const { return table_; }

 private:
  std::vector<uint32_t> table_;
  size_t host_count_ = 0;  // of the list, hosts without weight included
};

}  // namespace fairlead::balancer
