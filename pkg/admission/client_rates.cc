#include "pkg/admission/client_rates.h"

#include <algorithm>

#include "pkg/admission/client_hash.h"

namespace fairlead::admission {
namespace {

constexpr uint64_t kSecond = 1'000'000;  // microseconds
constexpr unsigned kTimeBits = 40;       // 12 days, then it begins again: only differences count
constexpr uint64_t kTimeMask = (uint64_t{1} << kTimeBits) - 1;

// How long it takes until the slot's bucket is full; 0 where it is.
uint64_t Remaining(uint64_t slot, uint64_t now) {
  const uint64_t remaining = (slot - now) & kTimeMask;
  return slot != 0 && remaining <= 2 * kSecond ? remaining : 0;  // workers' clocks differ a little
}

}  // namespace

void ClientRates::SetRate(uint32_t per_second) {
  if (per_second > 0 && owned_ == nullptr) {
    owned_ = std::make_unique<Table>();
    table_.store(owned_.get(), std::memory_order_release);
  }
  per_second_.store(per_second, std::memory_order_relaxed);
}

bool ClientRates::TryTake(const base::IpAddress& client, base::MonotonicTime now) {
  const uint32_t rate = per_second_.load(std::memory_order_relaxed);
  Table* const table = table_.load(std::memory_order_acquire);
  if (rate == 0 || table == nullptr) return true;
  const uint64_t hash = HashOf(client, seed_);
  const uint64_t who = (hash | 1) << kTimeBits;
  const auto time = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count());
  Slot* const set = &table->slots[(hash >> 32) % (kSlots / kWays) * kWays];
  while (true) {
    // Its own slot, or else the one that loses least by going to another.
    Slot* best = nullptr;
    uint64_t before = 0;
    uint64_t least = UINT64_MAX;
    for (Slot* slot = set; slot != set + kWays; ++slot) {
      const uint64_t value = slot->load(std::memory_order_relaxed);
      const bool own = (value & ~kTimeMask) == who;
      const uint64_t remaining = Remaining(value, time);
      if (!own && remaining >= least) continue;
      best = slot;
      before = value;
      least = remaining;
      if (own) break;
    }
    const bool own = (before & ~kTimeMask) == who;
    const uint64_t after = (own ? least : 0) + std::max<uint64_t>(kSecond / rate, 1);
    if (after > kSecond) return false;
    if (best->compare_exchange_weak(before, who | ((time + after) & kTimeMask), std::memory_order_relaxed)) {
      return true;
    }
  }
}

}  // namespace fairlead::admission
