#pragma once

#include <memory>
#include <vector>

#include "pkg/admission/gate.h"
#include "pkg/loop/listen_socket.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/sticky/sealer.h"

namespace fairlead::apply {

// What a listener needs beyond its configuration. It belongs to the address and survives every other change.
struct Listening {
  std::shared_ptr<const loop::ListenSockets> sockets;
  std::shared_ptr<admission::Gate> gate;
};

// A configuration that was validated, compiled and prepared: what every worker gets.
struct Publication {
  std::shared_ptr<const snapshot::Snapshot> snapshot;
  std::vector<Listening> listening;  // in the order of the snapshot's listeners
  std::shared_ptr<const sticky::Sealers> sealers;
};

}  // namespace fairlead::apply
