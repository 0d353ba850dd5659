#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "pkg/base/address.h"
#include "pkg/endpoint/cluster_state.h"
#include "pkg/endpoint/condition.h"

namespace fairlead::endpoint {

// A backend address of a cluster, what it holds now and how it fares. One object per cluster, address and id:
// it outlives every configuration that names it, so that a push never forgets how many tunnels a backend
// carries, and it stays while a lease on it does. It refers to nothing but what its cluster's endpoints
// share. All methods may be called from any thread.
class Endpoint {
 public:
  // `id` tells a reused address from the same one; empty = the address alone. Without `shared` it keeps its
  // cluster's counts for itself.
  Endpoint(std::string cluster, base::SocketAddress address, std::string id,
           std::shared_ptr<ClusterState> shared = nullptr);
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

  // How often it was ejected, likewise.
  uint64_t ejections() const { return ejections_.load(std::memory_order_relaxed); }

  void CountConnectFailure() { connect_failures_.fetch_add(1, std::memory_order_relaxed); }

  // Requests that failed here since one last went well. CountFailure returns the number with this one.
  uint32_t CountFailure() { return failures_in_a_row_.fetch_add(1, std::memory_order_relaxed) + 1; }
  uint32_t failures_in_a_row() const { return failures_in_a_row_.load(std::memory_order_relaxed); }
  void SetFailures(uint32_t failures) { failures_in_a_row_.store(failures, std::memory_order_relaxed); }

  // How it fares. Each setter changes its own part alone, and tells the cluster when something changed.
  Condition condition() const;
  void SetUnhealthy(bool unhealthy);
  void SetEjected(bool ejected);
  // Of kWholeShare; 0 counts as 1.
  void SetShare(uint32_t share);

  // Whether it holds all that it may, or as many connections are being made to it as may be at once.
  bool full() const {
    return active() >= max_active_.load(std::memory_order_relaxed) ||
           connecting_.load(std::memory_order_relaxed) >= max_connecting_.load(std::memory_order_relaxed);
  }
  // 0 = without limit.
  void SetMaxActive(uint64_t leases);
  void SetMaxConnecting(uint64_t connections);
  // What it shares with the other endpoints of its cluster.
  const std::shared_ptr<ClusterState>& cluster_state() const { return shared_; }

  // For Lease alone, which pairs them.
  bool TryBeginConnect();
  void EndConnect() { connecting_.fetch_sub(1, std::memory_order_relaxed); }
  void AddActive(int64_t change);
  void AddTunnels(int64_t change);

 private:
  void SetBits(uint32_t mask, uint32_t bits);

  const std::string cluster_;
  const base::SocketAddress address_;
  const std::string id_;
  const std::string label_;
  const std::shared_ptr<ClusterState> shared_;
  std::atomic<uint32_t> condition_ = 0;  // one word, so that a pick reads it at once; 0 = nothing against it
  std::atomic<uint64_t> active_ = 0;
  std::atomic<uint64_t> max_active_ = UINT64_MAX;
  std::atomic<uint64_t> open_tunnels_ = 0;
  std::atomic<uint64_t> connecting_ = 0;
  std::atomic<uint64_t> max_connecting_ = UINT64_MAX;
  std::atomic<uint64_t> connect_failures_ = 0;
  std::atomic<uint64_t> ejections_ = 0;
  std::atomic<uint32_t> failures_in_a_row_ = 0;
};

}  // namespace fairlead::endpoint
