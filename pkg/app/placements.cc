#include "pkg/app/placements.h"

#include <utility>

namespace fairlead::app {

Placements::Placements(std::shared_ptr<const snapshot::Snapshot> snapshot) : snapshot_(std::move(snapshot)) {
  if (!snapshot_) return;
  for (const auto& cluster : snapshot_->clusters()) {
    for (const auto& endpoint : cluster->endpoints()) clusters_.emplace(endpoint.get(), cluster.get());
  }
}

endpoint::Placement Placements::Of(const endpoint::Endpoint* at,
                                   const std::optional<endpoint::PlacedKey>& key) const {
  const auto cluster = clusters_.find(at);
  if (cluster == clusters_.end()) return endpoint::Placement::kUnknown;
  return cluster->second->PlacementOf(key, at, random_);
}

}  // namespace fairlead::app
