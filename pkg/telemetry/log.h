#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/base/clock.h"

namespace fairlead::telemetry {

// The process's own log: lines for people, on stderr, escaped and of 16 KiB at most. Thread-safe; may block
// on stderr, so nothing that happens once a connection belongs here.

// Call once, first thing in main; before it, lines go where spdlog's default logger sends them.
void StartLog();

void LogInfo(std::string_view line);
void LogWarning(std::string_view line);
void LogError(std::string_view line);

// Keeps a condition that lasts from flooding the log. Thread-safe.
class OncePerSecond {
 public:
  // True when the last true, on any thread, is a second or more ago.
  bool Ready(base::MonotonicTime now);
  // For people, behind the line that is written then: how often it was false since the line before. Empty =
  // never.
  std::string TakeRest();

 private:
  std::atomic<base::MonotonicTime> next_ = base::MonotonicTime::min();
  std::atomic<uint64_t> rest_{0};
};

}  // namespace fairlead::telemetry
