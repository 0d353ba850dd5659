#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/tunnel/listing.h"

namespace fairlead::control {

// How the process is, apart from its configuration.
struct ProcessStatus {
  std::string version;
  base::WallTime started_at;
  bool ready = false;
  std::string not_ready_reason;  // empty when ready
  int64_t open_tunnels = 0;
  int64_t open_connections = 0;  // of clients
  bool draining = false;
  bool drained = false;  // the drain is over: nothing is open any more
};

// What the control API asks of the rest of the process. Any thread; none of it blocks for long.
class DataPlane {
 public:
  // Each runs once, on some thread that is no worker's, where it may take its time.
  using Listed = absl::AnyInvocable<void(std::vector<tunnel::Row>)>;
  using Selected = absl::AnyInvocable<void(int64_t)>;

  virtual ProcessStatus GetStatus() const = 0;
  // All that fit, in no order; empty selector = all.
  virtual void ListTunnels(tunnel::Selector selector, Listed listed) = 0;
  // Closes those that are open now and fit, `rate` of them a second; 0 = at once. Answers how many they are,
  // and closes them from then on.
  virtual void CloseTunnels(tunnel::Selector selector, double rate, Selected selected) = 0;
  // As SIGTERM does, but the process goes on. Once; later calls do nothing.
  virtual void StartDrain() = 0;

 protected:
  ~DataPlane() = default;
};

}  // namespace fairlead::control
