#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "pkg/base/clock.h"

namespace fairlead::endpoint {

class Endpoint;

// What an ejection follows.
struct EjectionRules {
  base::Duration first;        // how long the first one lasts; the n-th in a row n times as long
  base::Duration longest;      // but no longer than this
  uint32_t max_percent = 100;  // of the cluster's endpoints that may be away at once, rounded down
};

// The endpoints that a cluster has for new requests: of weight, and not draining.
struct Census {
  size_t members = 0;
  size_t ejected = 0;  // of them
};

// The endpoints of a cluster that are left alone for a while because requests failed at them, and those that
// were lately. Any thread. The lock is for the rare: a worker takes it when an endpoint has failed so often
// that it should go, never for a request that goes well.
class Ejections {
 public:
  enum class Answer : uint8_t { kEjected, kAwayAlready, kTooManyAway };

  // Marks the endpoint as ejected. `count` says how many endpoints the cluster has for new requests, and how
  // many of them are ejected now; it is called with the lock held.
  Answer Eject(const std::shared_ptr<Endpoint>& endpoint, absl::FunctionRef<Census()> count,
               const EjectionRules& rules, base::MonotonicTime now);
  // Lets those return whose time is up.
  void Return(base::MonotonicTime now);
  // Lets all return, and forgets: failures in a row, too.
  void ReturnAll();

  // Whether there is anything to Return.
  bool empty() const { return away_.load(std::memory_order_relaxed) == 0; }

 private:
  // An endpoint that was ejected. It is remembered until its times are forgiven.
  struct Record {
    std::weak_ptr<Endpoint> endpoint;
    base::MonotonicTime until;
    base::Duration forgiveness;  // each such time in service takes one of `times` back
    uint32_t times = 0;          // ejected in a row
    bool away = false;
  };

  void Forget(base::MonotonicTime now);
  Record& Find(const std::shared_ptr<Endpoint>& endpoint);
  void LetReturn(Record& record);

  std::atomic<size_t> away_ = 0;
  std::mutex mutex_;
  std::vector<Record> records_;
};

}  // namespace fairlead::endpoint
