#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/drain/drains.h"

namespace fairlead::drain {

// Lets go of all tunnels, evenly over the window of the process's own drain. Who has not gone at its end is
// cut, and whoever came late is by his worker, which ends then. One thread.
class ShutdownDrain {
 public:
  // Outlived by `drains`.
  explicit ShutdownDrain(Drains& drains) : drains_(drains) {}

  // Once; the delay counts from now.
  void Start(const config::Drain& settings, base::MonotonicTime now);
  // Begins what is to begin: also for those whose upgrades were under way. To be called now and then.
  void Step(base::MonotonicTime now);
  // When Step has something to do; nothing = never.
  std::optional<base::MonotonicTime> begins_at() const;

 private:
  Drains& drains_;
  std::optional<config::Drain> settings_;  // once it has started
  base::MonotonicTime begin_;              // of the window
  // Who has had his turn, or will: shared with drains that are about to begin.
  std::shared_ptr<absl::flat_hash_set<uint64_t>> known_ = std::make_shared<absl::flat_hash_set<uint64_t>>();
};

}  // namespace fairlead::drain
