#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "pkg/apply/applier.h"
#include "pkg/base/address.h"
#include "pkg/config/config.h"
#include "pkg/control/data_plane.h"
#include "pkg/control/fleet_status.h"

namespace fairlead::control {

// What the services work on; all of it outlives the server.
struct Backing {
  apply::Applier* applier = nullptr;
  DataPlane* data_plane = nullptr;
  const config::Bootstrap* bootstrap = nullptr;  // what the process was started with; has a control.address
  // Nothing where there is no control plane. Any thread.
  std::function<std::optional<FleetStatus>()> fleet_status;
  // How often the files of control.tls are read again.
  std::chrono::seconds certificates_every{10};
};

// The control API over gRPC, where `control.address` of the bootstrap says: ConfigService, TunnelService,
// StatusService and health. A unix socket is for our own user (LocalSocket) and offers reflection, too; a
// port asks for a certificate that `control.tls` vouches for, and grants roles by its names. On its own
// threads: a worker never waits for it.
class ControlServer {
 public:
  // Serves from now on. Blocks while it binds.
  static absl::StatusOr<std::unique_ptr<ControlServer>> Start(const Backing& backing);
  // Ends the calls under way; the applier and the data plane still answer what they were asked.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  // Where it listens, with the port that was chosen.
  const base::SocketAddress& address() const { return address_; }

 private:
  struct Parts;  // what is gRPC's

  ControlServer(base::SocketAddress address, std::unique_ptr<Parts> parts);

  const base::SocketAddress address_;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace fairlead::control
