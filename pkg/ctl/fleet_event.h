#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pkg/base/clock.h"
#include "pkg/ctl/style.h"

namespace fairlead::ctl {

// What a control plane has to tell about itself and its sidecars.
struct FleetEvent {
  enum class Kind : uint8_t {
    kPublished,  // a configuration is sent to every sidecar, now and when it connects
    kRejected,   // the file is not valid: what was published before stays
    kConnected,
    kAcked,   // the sidecar runs the revision
    kNacked,  // the sidecar has refused the revision and runs what it ran before
    kGone,
  };

  Kind kind = Kind::kPublished;
  std::string node;       // the sidecar's id, or its address where it has none; empty = all
  uint64_t revision = 0;  // published, acked or nacked; of kConnected what the sidecar runs, 0 = none of ours
  std::string text;       // in one line: the sidecar's version, or why it said no
  std::vector<std::string> violations;  // "path: what is wrong, what would be right"
};

// A line for the event, and one for each violation.
std::string DescribeEvent(const FleetEvent& event, base::WallTime now, const Style& style);
// One line of JSON: {"time": …, "event": "acked", "node": …, "revision": …, "text": …, "violations": […]}.
std::string EventToJson(const FleetEvent& event, base::WallTime now);

}  // namespace fairlead::ctl
