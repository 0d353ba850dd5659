#pragma once

#include <functional>
#include <memory>

#include "pkg/config/config.h"
#include "pkg/ctl/fleet_event.h"

namespace grpc {
class Service;
}

namespace fairlead::ctl {

// Inside this room only: the FleetService behind fleet_server.h.
class FleetService {
 public:
  using OnEvent = std::function<void(const FleetEvent&)>;

  explicit FleetService(OnEvent on_event);
  // The server that it is registered with is gone.
  ~FleetService();
  FleetService(const FleetService&) = delete;
  FleetService& operator=(const FleetService&) = delete;

  // For the server; belongs to this.
  grpc::Service* service();
  // Any thread.
  void Publish(const config::Config& config);

 private:
  class Impl;

  const std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::ctl
