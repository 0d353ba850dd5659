#pragma once

#include <atomic>
#include <cstdint>

#include "pkg/admission/overload.h"
#include "pkg/base/once_per_second.h"

namespace fairlead::admission {

// How many connections may be open at once. Shared by all workers; any thread.
//
// Budgets nest: what is taken from one is taken from its parent too, so a listener's limit stands inside the
// process's descriptor limit.
class Budget {
 public:
  // 0 = unlimited. The parent outlives this.
  explicit Budget(int64_t limit, Budget* parent = nullptr) : limit_(limit), parent_(parent) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Takes a place, or says that there is none here or above.
  bool TryTake();
  void GiveBack();

  // A lower limit sends nobody away: it only lets no one in until enough have gone.
  void SetLimit(int64_t limit) { limit_.store(limit, std::memory_order_relaxed); }
  int64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  int64_t taken() const { return taken_.load(std::memory_order_relaxed); }

  // What is done about the places that are taken here, whatever the parent has. The last place is there to be
  // taken, also while kStopAccepting is in force: that says how things stand.
  OverloadActions UpdateOverload() { return trigger_.Update(taken(), limit()); }
  OverloadTrigger& trigger() { return trigger_; }

  // When to log that there is no place: once a second for all workers together.
  base::OncePerSecond& full_log() { return full_log_; }

 private:
  std::atomic<int64_t> limit_;
  std::atomic<int64_t> taken_{0};
  Budget* const parent_;
  OverloadTrigger trigger_;
  base::OncePerSecond full_log_;
};

}  // namespace fairlead::admission
