#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "pkg/telemetry/access_record.h"

namespace fairlead::telemetry {

// Writes one JSON object a line, on a thread of its own. The caller pays for the formatting (about two
// microseconds) and a push on a bounded queue; when the writer falls behind, the oldest lines are dropped and
// counted. Thread-safe.
class AccessLog {
 public:
  static constexpr size_t kQueuedLines = 8192;

  // `path`: a file that is appended to (made if need be), or empty for stdout. Fails when it cannot be
  // opened.
  static absl::StatusOr<std::unique_ptr<AccessLog>> Open(const std::string& path,
                                                         size_t queued_lines = kQueuedLines);
  // Waits until everything queued is written.
  ~AccessLog();

  // When a tunnel opens, where that is asked for.
  void Opened(base::WallTime now, const Handshake& handshake, const Place& place);
  // When a tunnel or a request ends.
  void Ended(base::WallTime now, const Handshake& handshake, const Place& place, const Outcome& outcome);

  uint64_t dropped() const;

 private:
  class Writer;

  explicit AccessLog(std::unique_ptr<Writer> writer);

  const std::unique_ptr<Writer> writer_;
};

}  // namespace fairlead::telemetry
