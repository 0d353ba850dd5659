#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkg/balancer/balancer.h"

namespace fairlead::balancer {

// MAGLEV: consistent hashing by a filled table, with weights. A pick is one lookup; the same set of hosts
// gives the same answers in every process, whatever their order in the list.
//
// As in Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, §3.4, every
// host goes through all slots in an order of its own, drawn from its hash_id, and hosts take turns, in
// proportion to their weights, at claiming slots. Otherwise than there, a host whose next slot is taken loses
// that turn instead of going on to the next free one: each slot then goes to the host that comes to it first,
// which no third host has a say in, and fewer keys move when one comes or goes. So that no host has much more
// than its fair share it stops at a cap: its fair number of slots and 0.4 times the spread that chance would
// give it, at least one.
//
// A host that comes too late for any slot (there are few for so many hosts) is asked when nobody with a slot
// takes the pick: of several, the one with the least draw of the key.
//
// Where a key's host does not take the pick it goes on to other slots, as the key has it, until a host does:
// deterministic, and each key of the lost host finds its own way. The keys that a newcomer does not take yet
// are where a table without newcomers has them. Without a key the pick starts at random.
class Maglev final : public Balancer {
 public:
  static constexpr uint32_t kTableSize = 65537;

  // `table_size` is a prime above 2; every proxy that must agree uses the same one. A hundred slots for each
  // host keep shares to a few percent.
  explicit Maglev(std::span<const Host> hosts, uint32_t table_size = kTableSize);

  std::optional<size_t> Pick(const PickContext& context) const override;
  size_t bytes() const override;

  // The host of each slot, in order; empty when no host has weight.
  std::span<const uint32_t> table() const { return table_; }

 private:
  std::optional<size_t> PickSlotless(uint64_t key, const PickContext& context) const;

  std::vector<uint32_t> table_;
  std::vector<uint32_t> settled_;   // without newcomers; empty when there are none, or nobody else
  std::vector<bool> newcomers_;     // as settled_
  std::vector<uint32_t> slotless_;  // hosts of weight that have no slot
  std::vector<uint64_t> ids_;       // the stable hash of each host's hash_id
};

}  // namespace fairlead::balancer
