#pragma once

#include <cstdint>

#include "pkg/base/clock.h"

namespace fairlead::config {

enum class DrainOrder : uint8_t { kRandom, kOldest, kNewest, kEvenly };

// How the process leaves.
struct Drain {
  base::Duration delay{5000};
  base::Duration window{20000};
  uint16_t close_code = 1001;
  DrainOrder order = DrainOrder::kRandom;

  bool operator==(const Drain&) const = default;
};

// How tunnels of a cluster are let go.
struct ClusterDrain {
  uint32_t rate = 100;
  uint32_t share_percent = 0;
  uint32_t jitter_percent = 20;
  base::Duration deadline{600'000};  // zero = none
  uint16_t close_code = 1012;
  DrainOrder order = DrainOrder::kRandom;

  bool operator==(const ClusterDrain&) const = default;
};

// What becomes of tunnels whose keys belong to another endpoint after a change.
enum class Misplaced : uint8_t { kKeep, kMove };

// When endpoints that hold more than their part let tunnels go.
struct Rebalance {
  uint32_t target_permille = 1100;  // the fullest, as a multiple of the mean
  base::Duration min_age{60'000};
  base::Duration cooldown{300'000};

  bool operator==(const Rebalance&) const = default;
};

// What becomes of a route's tunnels when it is gone.
enum class OnRemoved : uint8_t { kKeep, kDrain };

}  // namespace fairlead::config
