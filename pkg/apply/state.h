#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "pkg/apply/change.h"
#include "pkg/apply/status.h"
#include "pkg/config/config.h"

namespace fairlead::apply {

// A configuration and what goes with it: what a change is judged against.
struct State {
  std::shared_ptr<const config::Config> config;  // null before the first
  std::string etag;
  MembershipMarks membership;  // of every cluster that lists its endpoints
  FleetMark fleet;
};

// A revision as it is kept in memory and on disk.
struct KeptRevision {
  RevisionInfo info;
  std::string etag;
  MembershipMarks membership;
  FleetMark fleet;
  std::string config;  // config::Serialize

  bool operator==(const KeptRevision&) const = default;
};

}  // namespace fairlead::apply
