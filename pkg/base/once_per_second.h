#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "pkg/base/clock.h"

namespace fairlead::base {

// Keeps a condition that lasts from flooding the log. Thread-safe.
class OncePerSecond {
 public:
  // True when the last true, on any thread, is a second or more ago.
  bool Ready(MonotonicTime now);
  // For people, behind the line that is written then: how often it was false since the line before. Empty =
  // never.
  std::string TakeSuppressed();

 private:
  std::atomic<MonotonicTime> next_ = MonotonicTime::min();
  std::atomic<uint64_t> suppressed_{0};
};

}  // namespace fairlead::base
