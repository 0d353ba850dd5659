#pragma once

#include <cstdint>
#include <memory>

#include "pkg/base/clock.h"
#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/loop/loop.h"
#include "pkg/sticky/sealer.h"
#include "pkg/telemetry/access_log.h"
#include "pkg/telemetry/worker_stats.h"
#include "pkg/tls/workspace.h"

namespace fairlead::proxy {

class TunnelTable;

// What is asked of newcomers while the process shuts down.
enum class DrainStage : uint8_t {
  kServing,
  kDelay,   // readiness fails, but the cluster may not have heard: everything is still served
  kWindow,  // new requests get 503, open tunnels close at a pace
};

// What the sessions of a worker share. Owned by the worker, used on its thread.
struct Context {
  loop::Loop& loop;
  tls::Workspace& tls;
  const base::Clock& clock;  // exact, for durations that people read; timeouts use the loop's cached time
  base::Random& random;
  telemetry::WorkerStats& stats;
  telemetry::AccessLog* access_log;  // null = none
  config::AccessLogMode access_log_mode;
  TunnelTable& tunnels;
  DrainStage stage = DrainStage::kServing;
  std::shared_ptr<const sticky::Sealers> sealers = nullptr;  // of the configuration in force
  uint64_t next_id;  // of requests and tunnels: unique in the process, since workers start far apart

  base::MonotonicTime Now() const { return clock.Now(); }
};

}  // namespace fairlead::proxy
