#include "pkg/control/fleet_watch.h"

#include <utility>

namespace fairlead::control {

FleetWatch::FleetWatch(const config::Bootstrap& bootstrap, const apply::Applier& applier, FleetFiles dialled)
    : bootstrap_(bootstrap), applier_(applier), dialled_(std::move(dialled)) {}

void FleetWatch::Told(const apply::FleetMark& mark) {
  const std::lock_guard lock(mutex_);
  told_ = mark;
}

void FleetWatch::Applying(bool applying) {
  const std::lock_guard lock(mutex_);
  applying_ = applying;
}

void FleetWatch::TurnedAway() {
  const std::lock_guard lock(mutex_);
  turned_away_ = true;
}

void FleetWatch::StoppedReading() {
  const std::lock_guard lock(mutex_);
  stopped_reading_ = true;
}

std::string FleetWatch::Look() {
  std::optional<FleetFiles> found;
  if (auto files = ReadFleetFiles(*bootstrap_.control.fleet); files.ok()) found = *std::move(files);

  const std::lock_guard lock(mutex_);
  const apply::Status status = applier_.status();
  if (std::exchange(stuck_, stopped_reading_) && stopped_reading_)
    return "has sent what is no message of ours";
  const bool owns = bootstrap_.control.owner == config::Owner::kFleet && !status.overridden_by;
  const bool overruled = owns && !applying_ && (turned_away_ || status.fleet != told_);
  if (std::exchange(overruled_, overruled) && overruled)
    return "what is in force is not the plane's any more";
  const bool settled = found && found == found_;
  found_ = std::move(found);
  if (settled && *found_ != dialled_) return "the files of control.fleet have changed";
  return {};
}

}  // namespace fairlead::control
