#pragma once

#include <cstddef>
#include <cstdint>

#include "pkg/balancer/balancer.h"
#include "pkg/base/mix.h"

namespace fairlead::balancer {

enum class Answer : uint8_t { kTakes, kPassedOver, kHeldBack };

// Whether a host takes the pick that fell to it. `draw` makes a uniform number, where one is needed: the host
// takes as large a part of all draws as its share is, and those it takes at one share it takes at every
// larger one.
template <typename Draw>
Answer Ask(const PickContext& context, size_t host, const Draw& draw) {
  const uint32_t share = context.share(host);
  if (share == 0) return Answer::kPassedOver;
  if (share >= kWholeShare || (draw() >> 48) < share) return Answer::kTakes;
  context.held_back(host);
  return Answer::kHeldBack;
}

// The draw of a key for a host, the same on every proxy. `id` is the stable hash of the host's hash_id.
constexpr uint64_t KeyDraw(uint64_t key, uint64_t id) {
  return base::Mix(base::Mix(key) + id);
}

}  // namespace fairlead::balancer
