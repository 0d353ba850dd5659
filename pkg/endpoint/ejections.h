#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "pkg/base/clock.h"

namespace fairlead::endpoint {

class Endpoint;

// What an ejection follows.
struct EjectionRules {
  base::Duration first;        // how long the first one lasts; the n-th in a row n times as long
  base::Duration longest;      // but no longer than this
  uint32_t max_percent = 100;  // of the cluster's endpoints that may be away at once, rounded down
};

// The endpoints of a cluster that are left alone for a while because requests failed at them, and those that
// were lately. Any thread. The lock is for the rare: a worker takes it when an endpoint has failed so often
// that it should go, never for a request that goes well.
class Ejections {
 public:
  // Marks the endpoint, one of `members` that the cluster has now, as ejected. False where it is already, or
  // where no more may be away.
  bool Eject(const std::shared_ptr<Endpoint>& endpoint, size_t members, const EjectionRules& rules,
             base::MonotonicTime now);
  // Lets those return whose time is up.
  void Return(base::MonotonicTime now);
  // Lets all return, and forgets.
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
