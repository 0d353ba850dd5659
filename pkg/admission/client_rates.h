#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "pkg/base/address.h"
#include "pkg/base/clock.h"

namespace fairlead::admission {

// RateLimit for each client address, of IPv6 for each /64, in a table of fixed size: 128 KiB from the first
// rate on, in sets of four slots. Who has not asked for a second has a full bucket, like one that was never
// seen, so that nothing is lost when another takes its slot. When more than four clients of a set ask within
// a second (of some thousand clients a second, few do), some are forgotten early; and of two clients of a
// set, one in eight million pairs counts as one. Shared by all workers without a lock; any thread but for
// SetRate, which one thread calls.
class ClientRates {
 public:
  static constexpr size_t kSlots = 16384;

  // `seed`: random, so that nobody can choose addresses that meet in one set of slots.
  explicit ClientRates(uint64_t seed) : seed_(seed) {}

  // 0 = unlimited.
  void SetRate(uint32_t per_second);

  bool TryTake(const base::IpAddress& client, base::MonotonicTime now);

 private:
  static constexpr size_t kWays = 4;
  // A slot: who (24 bits), and when its bucket is full again (40 bits, in microseconds).
  using Slot = std::atomic<uint64_t>;
  struct Table {
    std::array<Slot, kSlots> slots{};
  };

  const uint64_t seed_;
  std::atomic<uint32_t> per_second_{0};
  std::unique_ptr<Table> owned_;
  std::atomic<Table*> table_{nullptr};
};

}  // namespace fairlead::admission
