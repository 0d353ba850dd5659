#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/apply/change.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/sticky/sealer.h"

namespace fairlead::apply {

// When a cluster's endpoints last changed.
struct MembershipMark {
  std::string etag;
  uint64_t revision = 0;

  bool operator==(const MembershipMark&) const = default;
};
using MembershipMarks = std::map<std::string, MembershipMark, std::less<>>;  // by the cluster's name

// What is in force, all of one moment.
struct InForce {
  std::shared_ptr<const config::Config> config;  // null before the first
  std::shared_ptr<const snapshot::Snapshot> snapshot;
  std::shared_ptr<const sticky::Sealers> sealers;  // with the snapshot
  uint64_t revision = 0;
  std::string etag;  // of the configuration; the endpoints of API-membership clusters are no part of it
  std::shared_ptr<const MembershipMarks> membership;  // of every cluster that lists its endpoints
};

// How the configuration stands.
struct Status {
  // Who may change it now: the configured owner, or who took over by an override.
  config::Owner owner = config::Owner::kFile;
  std::optional<Origin> overridden_by;
  std::optional<base::WallTime> overridden_until;
  uint64_t revision = 0;            // the newest published; 0 = none
  uint64_t installed_revision = 0;  // the oldest that a worker still runs
  base::WallTime applied_at;        // of `revision`
  // Serving what was read from the state directory, and nobody has confirmed it since the start.
  bool stale = false;
  base::Duration stale_for{0};  // its age
  std::string last_rejection;   // the newest refused change; empty = none, or its party had one applied since
  // "listener web", "cluster app": those that wait for a private key that a configuration must bring.
  std::vector<std::string> waiting_for_keys;
  FleetMark fleet;  // where the plane was whose configuration is in force
};

// A configuration that was in force and can be returned to. Endpoints of clusters with API membership are not
// returned to: a revision in which nothing else has changed takes the place of the one before it, and keeps
// what that one says of its change.
struct RevisionInfo {
  uint64_t revision = 0;
  base::WallTime applied_at;
  std::string source;   // Origin::ToString() of whose change it was; several are joined by ", "
  std::string summary;  // one line about what changed

  bool operator==(const RevisionInfo&) const = default;
};

}  // namespace fairlead::apply
