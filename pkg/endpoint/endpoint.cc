#include "pkg/endpoint/endpoint.h"

#include <algorithm>
#include <utility>

namespace fairlead::endpoint {
namespace {

constexpr uint32_t kUnhealthy = 1u << 31;
constexpr uint32_t kEjected = 1u << 30;
constexpr uint32_t kMissing = kEjected - 1;  // what it lacks of a whole share

// 0 stands for no limit.
uint64_t LimitOf(uint64_t number) {
  return number == 0 ? UINT64_MAX : number;
}

bool TryAdd(std::atomic<uint64_t>& count, const std::atomic<uint64_t>& limit) {
  const uint64_t most = limit.load(std::memory_order_relaxed);
  if (most == UINT64_MAX) {
    count.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  uint64_t now = count.load(std::memory_order_relaxed);
  do {
    if (now >= most) return false;
  } while (!count.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
  return true;
}

}  // namespace

Endpoint::Endpoint(std::string cluster, base::SocketAddress address, std::string id,
                   std::shared_ptr<ClusterState> shared)
    : cluster_(std::move(cluster)),
      address_(std::move(address)),
      id_(std::move(id)),
      label_(id_.empty() ? address_.ToString() : id_),
      shared_(shared != nullptr ? std::move(shared) : std::make_shared<ClusterState>(0)) {}

Condition Endpoint::condition() const {
  const uint32_t bits = condition_.load(std::memory_order_relaxed);
  return {.unhealthy = (bits & kUnhealthy) != 0,
          .ejected = (bits & kEjected) != 0,
          .share = kWholeShare - (bits & kMissing)};
}

void Endpoint::SetUnhealthy(bool unhealthy) {
  SetBits(kUnhealthy, unhealthy ? kUnhealthy : 0);
}

void Endpoint::SetEjected(bool ejected) {
  if (ejected && !condition().ejected) ejections_.fetch_add(1, std::memory_order_relaxed);
  SetBits(kEjected, ejected ? kEjected : 0);
}

void Endpoint::SetShare(uint32_t share) {
  SetBits(kMissing, kWholeShare - std::clamp(share, 1u, kWholeShare));
}

void Endpoint::SetMaxActive(uint64_t leases) {
  max_active_.store(LimitOf(leases), std::memory_order_relaxed);
}

void Endpoint::SetMaxConnecting(uint64_t connections) {
  max_connecting_.store(LimitOf(connections), std::memory_order_relaxed);
}

bool Endpoint::TryBeginConnect() {
  if (!TryAdd(shared_->active, shared_->max_active)) return false;
  if (TryAdd(active_, max_active_)) {
    if (TryAdd(connecting_, max_connecting_)) return true;
    active_.fetch_sub(1, std::memory_order_relaxed);
  }
  shared_->active.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void Endpoint::AddActive(int64_t change) {
  active_.fetch_add(change, std::memory_order_relaxed);
  shared_->active.fetch_add(change, std::memory_order_relaxed);
}

void Endpoint::AddTunnels(int64_t change) {
  open_tunnels_.fetch_add(change, std::memory_order_relaxed);
  shared_->open_tunnels.fetch_add(change, std::memory_order_relaxed);
}

void Endpoint::SetBits(uint32_t mask, uint32_t bits) {
  uint32_t before = condition_.load(std::memory_order_relaxed);
  while (!condition_.compare_exchange_weak(before, (before & ~mask) | bits, std::memory_order_relaxed)) {
  }
  // Released behind the change: who sees the new count sees what it counts.
  if (((before & ~mask) | bits) != before) shared_->conditions.fetch_add(1, std::memory_order_release);
}

}  // namespace fairlead::endpoint
