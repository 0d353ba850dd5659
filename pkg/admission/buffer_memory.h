#pragma once

#include <atomic>
#include <cstdint>

#include "pkg/admission/overload.h"

namespace fairlead::admission {

// The memory in the buffers of all workers, and how much it may be. Any thread.
class BufferMemory {
 public:
  // In bytes; 0 = unlimited.
  void SetLimit(int64_t limit) { limit_.store(limit, std::memory_order_relaxed); }
  int64_t limit() const { return limit_.load(std::memory_order_relaxed); }

  // A worker tells by how much its share has changed since it last told.
  void Add(int64_t change) { used_.fetch_add(change, std::memory_order_relaxed); }
  int64_t used() const { return used_.load(std::memory_order_relaxed); }

  OverloadActions UpdateOverload() { return trigger_.Update(used(), limit()); }
  OverloadTrigger& trigger() { return trigger_; }

 private:
  std::atomic<int64_t> limit_{0};
  std::atomic<int64_t> used_{0};
  OverloadTrigger trigger_;
};

}  // namespace fairlead::admission
