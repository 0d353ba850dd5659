#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "pkg/apply/applier.h"
#include "pkg/config/config.h"
#include "pkg/control/fleet_files.h"

namespace fairlead::control {

// Inside this room only: says when a stream that stands should be given up for a new one. That is so when the
// files that it was dialled with are no longer those on disk, and when the plane, which owns the
// configuration, has not the last word in it: somebody had taken it over, and now the time is up. The Hello
// of the new stream tells the plane what is in force. Any thread.
class FleetWatch {
 public:
  // For a stream that was dialled with these files. The bootstrap and the applier outlive this.
  FleetWatch(const config::Bootstrap& bootstrap, const apply::Applier& applier, FleetFiles dialled);

  // What Hello said, or the update that was acknowledged since.
  void Told(const apply::FleetMark& mark);
  // An update is being applied, until it is said that it no longer is: what is in force may be it already.
  void Applying(bool applying);
  // An update was refused because the configuration was somebody else's.
  void TurnedAway();
  // Nothing more is read: the stream has ended, or what came was no message.
  void StoppedReading();

  // Empty, or why the stream should be given up. To be called now and then: what it sees for the first time
  // may be about to change, such as a key without its certificate.
  std::string Look();

 private:
  const config::Bootstrap& bootstrap_;
  const apply::Applier& applier_;
  const FleetFiles dialled_;

  std::mutex mutex_;
  apply::FleetMark told_;
  bool applying_ = false;
  bool turned_away_ = false;
  bool stopped_reading_ = false;
  std::optional<FleetFiles> found_;  // by the last look
  bool overruled_ = false;           // so the last look saw it
  bool stuck_ = false;
};

}  // namespace fairlead::control
