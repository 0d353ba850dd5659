#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "pkg/balancer/slow_start.h"

namespace fairlead::balancer {

// The slot of a table that a number falls to: its upper half as a part of 2^32, where a remainder would cost
// more than the rest of a pick.
constexpr size_t SlotOf(uint64_t number, size_t table_size) {
  return (number >> 32) * table_size >> 32;
}

// Walks a table of hosts from `start` to the first that takes the key: the same walk on every proxy. After
// each of the first `hops` slots it goes on somewhere else, as the key has it; from there to the next slot,
// round the end, until it has seen them all. `ids` are the stable hashes of the hosts' hash_ids.
inline std::optional<size_t> Walk(std::span<const uint32_t> table, size_t start, size_t hops, uint64_t key,
                                  std::span<const uint64_t> ids, const PickContext& context) {
  // Most hosts take what falls to them. Where many do not, it is worth a look whether any does at all before
  // walking the whole table.
  constexpr size_t kTriesBeforeLooking = 16;
  const auto takes = [&](uint32_t host) {
    return Ask(context, host, [&] { return KeyDraw(key, ids[host]); }) == Answer::kTakes;
  };
  size_t slot = start;
  for (size_t tried = 0; tried < hops + table.size(); ++tried) {
    if (tried == kTriesBeforeLooking) {
      uint32_t host = 0;
      while (host < ids.size() && !takes(host)) ++host;
      if (host == ids.size()) return std::nullopt;
    }
    if (takes(table[slot])) return table[slot];
    if (tried < hops) {
      slot = SlotOf(base::Mix(key + (tried + 1) * base::kGolden), table.size());
    } else if (++slot == table.size()) {
      slot = 0;
    }
  }
  return std::nullopt;
}

}  // namespace fairlead::balancer
