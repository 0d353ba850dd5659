#pragma once

#include <atomic>
#include <cstdint>

#include "pkg/base/clock.h"

namespace fairlead::telemetry {

// What the process as a whole has to say about itself. Written by the thread that applies configuration, by
// those of the control API and, for the drain, by the main thread; read by any.
class ProcessStats {
 public:
  // `revision` grows with every change that was applied, from 1.
  void ConfigApplied(uint64_t revision, base::WallTime when);
  void ConfigFileRejected() { config_file_rejected_.fetch_add(1, std::memory_order_relaxed); }
  void ConfigPushRejected() { config_push_rejected_.fetch_add(1, std::memory_order_relaxed); }
  void ConfigFleetRejected() { config_fleet_rejected_.fetch_add(1, std::memory_order_relaxed); }
  // Serving a configuration from disk that nobody has confirmed since the start.
  void SetConfigStale(bool stale) { config_stale_.store(stale, std::memory_order_relaxed); }
  // Whether the stream to the control plane stands.
  void SetControlConnected(bool connected) { control_connected_.store(connected, std::memory_order_relaxed); }
  // Certificate files have changed: what they hold now is in use, or is refused and what was there before
  // stays.
  void CertificateReloaded() { certificates_reloaded_.fetch_add(1, std::memory_order_relaxed); }
  void CertificateRefused() { certificates_refused_.fetch_add(1, std::memory_order_relaxed); }
  // From now on the open tunnels are those that a shutdown waits for.
  void DrainStarted() { draining_.store(true, std::memory_order_relaxed); }

  uint64_t config_revision() const { return config_revision_.load(std::memory_order_relaxed); }
  // Seconds since the epoch; 0 = never.
  double config_applied_at() const { return config_applied_at_.load(std::memory_order_relaxed); }
  uint64_t config_file_rejected() const { return config_file_rejected_.load(std::memory_order_relaxed); }
  uint64_t config_push_rejected() const { return config_push_rejected_.load(std::memory_order_relaxed); }
  uint64_t config_fleet_rejected() const { return config_fleet_rejected_.load(std::memory_order_relaxed); }
  bool config_stale() const { return config_stale_.load(std::memory_order_relaxed); }
  bool control_connected() const { return control_connected_.load(std::memory_order_relaxed); }
  uint64_t certificates_reloaded() const { return certificates_reloaded_.load(std::memory_order_relaxed); }
  uint64_t certificates_refused() const { return certificates_refused_.load(std::memory_order_relaxed); }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> config_revision_{0};
  std::atomic<double> config_applied_at_{0};
  std::atomic<uint64_t> config_file_rejected_{0};  // these are counted by several threads
  std::atomic<uint64_t> config_push_rejected_{0};
  std::atomic<uint64_t> config_fleet_rejected_{0};
  std::atomic<bool> config_stale_{false};
  std::atomic<bool> control_connected_{false};
  std::atomic<uint64_t> certificates_reloaded_{0};
  std::atomic<uint64_t> certificates_refused_{0};
  std::atomic<bool> draining_{false};
};

}  // namespace fairlead::telemetry
