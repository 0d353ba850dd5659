#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "pkg/config/config.h"
#include "pkg/ctl/fleet_event.h"
#include "pkg/ctl/session.h"

namespace fairlead::ctl {

// A control plane with one configuration for everybody: a FleetService that sends what was published last to
// each sidecar that subscribes, and again whenever something else is published.
//
// Revisions count from 1 and go on from the highest that a sidecar has from a plane before this one: a plane
// needs no memory of its own. Any thread may call; events come one at a time, on any thread, and must not
// call back.
class FleetServer {
 public:
  using OnEvent = std::function<void(const FleetEvent&)>;

  // Serves on "IP:port" with all three TLS files, or without any on loopback or "unix:/path" (mode 0600).
  // Port 0 lets the kernel choose.
  static absl::StatusOr<std::unique_ptr<FleetServer>> Start(const std::string& address, const TlsFiles& tls,
                                                            OnEvent on_event);
  // Hangs up.
  ~FleetServer();
  FleetServer(const FleetServer&) = delete;
  FleetServer& operator=(const FleetServer&) = delete;

  void Publish(const config::Config& config);

  // As bound.
  const std::string& address() const { return address_; }

 private:
  struct Parts;  // what is gRPC's

  FleetServer(std::string address, std::unique_ptr<Parts> parts);

  const std::string address_;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace fairlead::ctl
