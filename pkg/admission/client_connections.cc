#include "pkg/admission/client_connections.h"

#include "pkg/admission/client_hash.h"

namespace fairlead::admission {
namespace {

constexpr unsigned kCountBits = 24;
constexpr uint64_t kCountMask = (uint64_t{1} << kCountBits) - 1;

}  // namespace

void ClientConnections::SetLimit(uint32_t limit) {
  if (limit > 0 && owned_ == nullptr) {
    owned_ = std::make_unique<Table>();
    table_.store(owned_.get(), std::memory_order_release);
  }
  limit_.store(limit, std::memory_order_relaxed);
}

std::optional<ClientConnections::Place> ClientConnections::TryTake(const base::IpAddress& client) {
  const uint64_t limit = limit_.load(std::memory_order_relaxed);
  Table* const table = table_.load(std::memory_order_acquire);
  if (limit == 0 || table == nullptr) return Place(nullptr);
  const uint64_t hash = HashOf(client, seed_);
  const uint64_t who = hash << kCountBits;
  Slot* const set = &table->slots[(hash >> 48) % (kSlots / kWays) * kWays];
  while (true) {
    // Its own slot, or else the first that is free. Two workers at once may give a client two slots, hence
    // the sum.
    Slot* best = nullptr;
    uint64_t before = 0;
    uint64_t open = 0;
    for (Slot* slot = set; slot != set + kWays; ++slot) {
      const uint64_t value = slot->load(std::memory_order_relaxed);
      const uint64_t count = value & kCountMask;
      const bool own = count > 0 && (value & ~kCountMask) == who;
      if (best == nullptr ? own || count == 0 : own && open == 0) {
        best = slot;
        before = value;
      }
      if (own) open += count;
    }
    if (open >= limit) return std::nullopt;
    if (best == nullptr) return Place(nullptr);
    const uint64_t after = open > 0 ? before + 1 : who | 1;
    if (best->compare_exchange_weak(before, after, std::memory_order_relaxed)) return Place(best);
  }
}

}  // namespace fairlead::admission
