#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "pkg/base/random.h"
#include "pkg/endpoint/placed_key.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::app {

// Where tunnels are, as a configuration would have them. One thread.
class Placements {
 public:
  // null = none is in force.
  explicit Placements(std::shared_ptr<const snapshot::Snapshot> snapshot);

  // Unknown, too, where the configuration does not have the endpoint.
  endpoint::Placement Of(const endpoint::Endpoint* at, const std::optional<endpoint::PlacedKey>& key) const;

 private:
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  std::unordered_map<const endpoint::Endpoint*, const snapshot::Cluster*> clusters_;
  mutable base::Random random_{0};  // not looked at: there is a key
};

}  // namespace fairlead::app
