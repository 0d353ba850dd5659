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
// counted, and so are lines that cannot be written. Thread-safe.
class AccessLog {
 public:
  static constexpr size_t kQueuedLines = 8192;

  // `path`: a file that is appended to (made if need be, but not its directory), or empty for stdout. Fails,
  // with a line that names the field and the remedy, when it cannot be opened.
  static absl::StatusOr<std::unique_ptr<AccessLog>> Open(const std::string& path,
                                                         size_t queued_lines = kQueuedLines);
  // Waits until everything queued is written.
  ~AccessLog();

  // When a tunnel opens, where that is asked for.
  void Opened(base::WallTime now, const Handshake& handshake, const Place& place);
  // When a tunnel or a request ends.
  void Ended(base::WallTime now, const Handshake& handshake, const Place& place, const Outcome& outcome);

  // Opens the path again, behind what is queued: after a rotation has renamed the file. When that fails the
  // log says so and stays with the file it has.
  void Reopen();

  uint64_t dropped() const;

 private:
  class Writer;

  explicit AccessLog(std::unique_ptr<Writer> writer);

  const std::unique_ptr<Writer> writer_;
};

}  // namespace fairlead::telemetry
