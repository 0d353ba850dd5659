#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "pkg/base/address.h"

namespace fairlead::admission {

// How many connections each client address has open at a listener, of IPv6 each /64, in a table of fixed
// size: 512 KiB from the first limit on, in sets of eight slots. A slot is free again when its client's last
// connection is gone. A client that finds no slot in its set is not counted: with 16,384 clients connected at
// once that is one in some ten thousand. Of two clients of a set, one in a million million pairs counts as
// one. Shared by all workers without a lock; any thread but for SetLimit, which one thread calls.
class ClientConnections {
  using Slot = std::atomic<uint64_t>;  // who (40 bits), and how many (24 bits); none = free

 public:
  static constexpr size_t kSlots = 65536;

  // A connection that counts for as long as this lives, which the table outlives. Move-only.
  class Place {
   public:
    // Null = not counted.
    explicit Place(Slot* slot) : slot_(slot) {}
    Place(Place&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(slot_, other.slot_);
      return *this;
    }
    ~Place() {
      if (slot_ != nullptr) slot_->fetch_sub(1, std::memory_order_relaxed);
    }

   private:
    Slot* slot_;
  };

  // `seed`: random, so that nobody can choose addresses that meet in one set of slots.
  explicit ClientConnections(uint64_t seed) : seed_(seed) {}

  // 0 = unlimited. What is open already when the first limit comes does not count.
  void SetLimit(uint32_t limit);

  // Nothing when the client has as many as it may.
  std::optional<Place> TryTake(const base::IpAddress& client);

 private:
  static constexpr size_t kWays = 8;
  struct Table {
    std::array<Slot, kSlots> slots{};
  };

  const uint64_t seed_;
  std::atomic<uint32_t> limit_{0};
  std::unique_ptr<Table> owned_;
  std::atomic<Table*> table_{nullptr};
};

}  // namespace fairlead::admission
