#pragma once

#include "pkg/base/clock.h"
#include "pkg/endpoint/lease.h"
#include "pkg/snapshot/cluster.h"

namespace fairlead::upstream {

// What came of a request at an endpoint of the cluster, for its passive checks: enough failures in a row
// eject it. Costs a load where nothing is wrong. Any thread.
void CountSuccess(const snapshot::Cluster& cluster, const endpoint::Lease& lease);
void CountFailure(const snapshot::Cluster& cluster, const endpoint::Lease& lease, base::MonotonicTime now);

}  // namespace fairlead::upstream
