#include "pkg/app/control_side.h"

#include <optional>
#include <utility>

#include "pkg/app/version.h"
#include "pkg/telemetry/log.h"

namespace fairlead::app {

absl::StatusOr<std::unique_ptr<ControlSide>> ControlSide::Start(Options options) {
  std::unique_ptr<ControlSide> side(new ControlSide(std::move(options)));
  const Options& kept = side->options_;
  if (kept.bootstrap.control.fleet) {
    side->fleet_ = std::make_unique<control::FleetClient>(
        control::FleetClient::Options{.applier = kept.applier,
                                      .bootstrap = &kept.bootstrap,
                                      .stats = kept.stats,
                                      .clock = kept.clock,
                                      .version = std::string(Version()),
                                      .seed = kept.seed});
  }
  if (!kept.bootstrap.control.address) return side;
  auto server = control::ControlServer::Start({.applier = kept.applier,
                                               .data_plane = &side->data_plane_,
                                               .bootstrap = &kept.bootstrap,
                                               .fleet_status = [fleet = side->fleet_.get()] {
                                                 return fleet != nullptr ? std::optional(fleet->status())
                                                                         : std::nullopt;
                                               }});
  if (!server.ok()) return server.status();
  side->server_ = *std::move(server);
  telemetry::LogInfo("control: listening on " + side->server_->address().ToString());
  return side;
}

ControlSide::ControlSide(Options options) : options_(std::move(options)), data_plane_(options_.sources) {}

}  // namespace fairlead::app
