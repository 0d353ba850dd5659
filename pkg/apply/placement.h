#pragma once

#include <string>

#include "pkg/apply/impact.h"
#include "pkg/snapshot/cluster.h"

namespace fairlead::apply {

// Who comes, who goes, and what is placed elsewhere: the impact on one cluster; nullptr where there is none.
ClusterImpact ComparePlacement(const std::string& name, const snapshot::Cluster* before,
                               const snapshot::Cluster* after);

}  // namespace fairlead::apply
