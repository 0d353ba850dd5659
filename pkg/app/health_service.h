#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/health/monitor.h"
#include "pkg/loop/loop.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::app {

// The health monitor, on a thread of its own. All methods may be called from any thread.
class HealthService {
 public:
  // `clock` is where its timeouts take time from; null = the loop's own.
  HealthService(uint64_t seed, const base::Clock* clock);
  ~HealthService();

  // Sees to the endpoints of this snapshot from now on.
  void Update(std::shared_ptr<const snapshot::Snapshot> snapshot);
  // Runs on the service's thread.
  void Post(absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); }
  // Nothing is asked any more. Idempotent.
  void Stop();

 private:
  loop::Loop loop_;
  std::unique_ptr<health::Monitor> monitor_;
  std::thread thread_;
};

}  // namespace fairlead::app
