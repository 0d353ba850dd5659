#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "pkg/base/address.h"

namespace fairlead::endpoint {

// A backend address of a cluster and what it holds now. One object per cluster, address and id: it outlives
// every configuration that names it, so that a push never forgets how many tunnels a backend carries, and it
// stays while a lease on it does. It refers to nothing but itself. All methods may be called from any thread.
class Endpoint {
 public:
  // `id` tells a reused address from the same one; empty = the address alone.
  Endpoint(std::string cluster, base::SocketAddress address, std::string id);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  const std::string& cluster() const { return cluster_; }
  const base::SocketAddress& address() const { return address_; }
  const std::string& id() const { return id_; }
  // What logs and metrics call it: the id, or the address where it has none.
  const std::string& label() const { return label_; }

  // Leases held: requests, upgrades under way and tunnels.
  uint64_t active() const { return active_.load(std::memory_order_relaxed); }
  // Those of them that are tunnels.
  uint64_t open_tunnels() const { return open_tunnels_.load(std::memory_order_relaxed); }
  // Since the object was made.
  uint64_t connect_failures() const { return connect_failures_.load(std::memory_order_relaxed); }

  void CountConnectFailure() { connect_failures_.fetch_add(1, std::memory_order_relaxed); }

  // For Lease alone, which pairs them.
  void AddActive(int64_t change) { active_.fetch_add(change, std::memory_order_relaxed); }
  void AddTunnels(int64_t change) { open_tunnels_.fetch_add(change, std::memory_order_relaxed); }

 private:
  const std::string cluster_;
  const base::SocketAddress address_;
  const std::string id_;
  const std::string label_;
  std::atomic<uint64_t> active_ = 0;
  std::atomic<uint64_t> open_tunnels_ = 0;
  std::atomic<uint64_t> connect_failures_ = 0;
};

}  // namespace fairlead::endpoint
