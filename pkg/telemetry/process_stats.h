#pragma once

#include <atomic>
#include <cstdint>

#include "pkg/base/clock.h"
#include "pkg/telemetry/instruments.h"

namespace fairlead::telemetry {

// What the process as a whole has to say about itself. Written by the thread that applies configuration and,
// for the drain, by the main thread; read by any.
class ProcessStats {
 public:
  // `revision` grows with every change that was applied, from 1.
  void ConfigApplied(uint64_t revision, base::WallTime when);
  void ConfigFileRejected() { config_file_rejected_.Add(1); }
  // From now on the open tunnels are those that a shutdown waits for.
  void DrainStarted() { draining_.store(true, std::memory_order_relaxed); }

  uint64_t config_revision() const { return config_revision_.load(std::memory_order_relaxed); }
  // Seconds since the epoch; 0 = never.
  double config_applied_at() const { return config_applied_at_.load(std::memory_order_relaxed); }
  uint64_t config_file_rejected() const { return config_file_rejected_.value(); }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> config_revision_{0};
  std::atomic<double> config_applied_at_{0};
  Counter config_file_rejected_;
  std::atomic<bool> draining_{false};
};

}  // namespace fairlead::telemetry
