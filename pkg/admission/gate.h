#pragma once

#include <cstdint>

#include "pkg/admission/budget.h"
#include "pkg/admission/buffer_memory.h"
#include "pkg/admission/client_connections.h"
#include "pkg/admission/upgrade_rates.h"
#include "pkg/base/once_per_second.h"

namespace fairlead::admission {

// What the listeners of a process have in common.
struct Process {
  // How many connections the descriptors allow; 0 = unlimited.
  explicit Process(int64_t max_connections) : connections(max_connections) {}

  Budget connections;
  BufferMemory memory;
};

// Who may come in at a listener, as all workers decide it together. It belongs to the listening address, as
// its connections do. Any thread but for SetLimits, which one thread calls.
class Gate {
 public:
  // 0 = unlimited.
  struct Limits {
    uint32_t max_connections = 0;
    uint32_t max_connections_per_client = 0;
    UpgradeRates::Limits upgrades = {};
  };

  // `seed`: see ClientRates. The process outlives it.
  Gate(uint64_t seed, Process& process)
      : process_(process), connections_(0, &process.connections), clients_(seed), upgrades_(seed) {}

  void SetLimits(const Limits& limits, base::MonotonicTime now) {
    connections_.SetLimit(limits.max_connections);
    clients_.SetLimit(limits.max_connections_per_client);
    upgrades_.SetLimits(limits.upgrades, now);
  }

  Budget& connections() { return connections_; }
  ClientConnections& clients() { return clients_; }
  UpgradeRates& upgrades() { return upgrades_; }
  // When to log why no TLS was had with a client: once a second for all workers together.
  base::OncePerSecond& tls_log() { return tls_log_; }

  // What is done here about too many connections, and about too much memory in buffers.
  OverloadActions UpdateOverload() {
    return connections_.UpdateOverload() | process_.memory.UpdateOverload();
  }
  // Whether nobody is let in although there may be a place.
  bool LacksMemory() { return process_.memory.UpdateOverload().Has(OverloadAction::kStopAccepting); }

 private:
  Process& process_;
  Budget connections_;
  ClientConnections clients_;
  UpgradeRates upgrades_;
  base::OncePerSecond tls_log_;
};

}  // namespace fairlead::admission
