#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

#include "pkg/admission/client_rates.h"
#include "pkg/admission/rate_limit.h"
#include "pkg/base/address.h"
#include "pkg/base/clock.h"

namespace fairlead::admission {

// What becomes of an upgrade that is asked for.
struct UpgradeTurn {
  enum class Verdict : uint8_t {
    kNow,
    kLater,         // it waits
    kTooMany,       // more than the listener takes, and as many wait as may
    kClientTooMany  // more than its client may ask for
  };
  Verdict verdict = Verdict::kNow;
  RateLimit::Turn turn = 0;        // kNow and kLater only
  base::MonotonicTime until = {};  // kLater only: when it gives up
};

// How many upgrades a second may be asked for at a listener: by all together, and by each client; and how
// many of those that are too many may wait for their turns. Shared by all workers; any thread but for
// SetLimits, which one thread calls.
class UpgradeRates {
 public:
  // 0 = unlimited.
  struct Limits {
    uint32_t per_second = 0;
    uint32_t per_second_per_client = 0;
    uint32_t queue = 0;          // how many may wait; 0 = none
    base::Duration patience{0};  // nor for longer than this
  };

  // See ClientRates.
  explicit UpgradeRates(uint64_t seed) : clients_(seed) {}

  void SetLimits(const Limits& limits, base::MonotonicTime now) {
    all_.SetRate(limits.per_second, now);
    clients_.SetRate(limits.per_second_per_client);
    queue_.store(limits.queue, std::memory_order_relaxed);
    patience_.store(limits.patience, std::memory_order_relaxed);
  }

  // The client first: one that asks too often takes nothing away from the others. On a unix socket there is
  // no address.
  UpgradeTurn Take(const std::optional<base::IpAddress>& client, base::MonotonicTime now) {
    using Verdict = UpgradeTurn::Verdict;
    if (client && !clients_.TryTake(*client, now)) return {Verdict::kClientTooMany};
    // Turns come up at one pace, so that a bound on the wait is one on how many wait.
    const base::MonotonicTime::duration patience = patience_.load(std::memory_order_relaxed);
    const auto turn =
        all_.Reserve(now, std::min(patience, all_.TimeOf(queue_.load(std::memory_order_relaxed))));
    if (!turn) return {Verdict::kTooMany};
    return {When(*turn) <= now ? Verdict::kNow : Verdict::kLater, *turn, now + patience};
  }
  // The moment at which a turn comes up, at the rate that is in force.
  base::MonotonicTime When(RateLimit::Turn turn) const { return all_.When(turn); }
  // A turn that was to come later is not used.
  void GiveBack() { all_.GiveBack(); }

 private:
  RateLimit all_;
  ClientRates clients_;
  std::atomic<uint32_t> queue_{0};
  std::atomic<base::Duration> patience_{};
};

}  // namespace fairlead::admission
