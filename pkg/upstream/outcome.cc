#include "pkg/upstream/outcome.h"

namespace fairlead::upstream {

void CountSuccess(const snapshot::Cluster& cluster, const endpoint::Lease& lease) {
  if (cluster.resilience().outlier) lease.endpoint().SetFailures(0);
}

void CountFailure(const snapshot::Cluster& cluster, const endpoint::Lease& lease, base::MonotonicTime now) {
  const auto& outlier = cluster.resilience().outlier;
  if (!outlier) return;
  endpoint::Endpoint& endpoint = lease.endpoint();
  if (endpoint.condition().ejected) return;  // of requests that were under way
  if (endpoint.CountFailure() < outlier->consecutive_failures) return;
  const bool ejected =
      endpoint.cluster_state()->ejections.Eject(lease.shared_endpoint(), cluster.endpoints().size(),
                                                {.first = outlier->ejection,
                                                 .longest = outlier->max_ejection,
                                                 .max_percent = outlier->max_ejected_percent},
                                                now);
  // Back again, it has to show first that it works: the next failure is enough. Where nobody more may go, the
  // lock is not asked for with every request that fails.
  endpoint.SetFailures(ejected ? outlier->consecutive_failures - 1 : 0);
}

}  // namespace fairlead::upstream
