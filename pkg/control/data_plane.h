#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/drain/drains.h"
#include "pkg/drain/rebalances.h"
#include "pkg/tunnel/close_order.h"
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
  using Selected = drain::Plan::Begun;

  virtual ProcessStatus GetStatus() const = 0;
  // All that fit, in no order; empty selector = all.
  virtual void ListTunnels(tunnel::Selector selector, Listed listed) = 0;
  // Begins a drain of those that are open now and fit, `rate` of them a second; 0 = at once. Answers with its
  // id, 0 where nobody fits, and how many they are.
  virtual void CloseTunnels(tunnel::Selector selector, double rate, tunnel::CloseOrder order,
                            Selected selected) = 0;
  // As drain::Rebalances has it.
  virtual void StartRebalance(std::string cluster, std::optional<uint32_t> target, bool dry_run,
                              drain::Rebalances::Answered answered) = 0;
  // As SIGTERM does, but the process goes on. Once; later calls do nothing.
  virtual void StartDrain() = 0;

  // The newest first; of those that are over, the last.
  virtual std::vector<drain::DrainStatus> ListDrains() const = 0;
  // `done` gets whether there is one of that id under way; once, on some thread.
  virtual void CommandDrain(uint64_t id, drain::Command command, absl::AnyInvocable<void(bool)> done) = 0;

 protected:
  ~DataPlane() = default;
};

}  // namespace fairlead::control
