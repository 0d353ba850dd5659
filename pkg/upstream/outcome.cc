#include "pkg/upstream/outcome.h"

#include <fmt/format.h>

#include "pkg/telemetry/log.h"

namespace fairlead::upstream {

void CountSuccess(const snapshot::Cluster& cluster, const endpoint::Lease& lease) {
  endpoint::Endpoint& endpoint = lease.endpoint();
  if (!cluster.resilience().outlier || endpoint.failures_in_a_row() == 0) return;
  if (endpoint.condition().ejected) return;  // of a request that was under way
  endpoint.SetFailures(0);
}

void CountFailure(const snapshot::Cluster& cluster, const endpoint::Lease& lease, base::MonotonicTime now) {
  const auto& outlier = cluster.resilience().outlier;
  if (!outlier) return;
  endpoint::Endpoint& endpoint = lease.endpoint();
  if (endpoint.condition().ejected) return;  // of requests that were under way
  if (endpoint.CountFailure() < outlier->consecutive_failures) return;
  using Answer = endpoint::Ejections::Answer;
  const Answer answer = endpoint.cluster_state()->ejections.Eject(
      lease.shared_endpoint(), [&] { return cluster.Count(); },
      {.first = outlier->ejection,
       .longest = outlier->max_ejection,
       .max_percent = outlier->max_ejected_percent},
      now);
  // Back again, it has to show first that it works: the next failure is enough.
  if (answer == Answer::kEjected) {
    endpoint.SetFailures(outlier->consecutive_failures - 1);
    telemetry::LogWarning(fmt::format("cluster {}: endpoint {} fails requests, and is ejected for a while",
                                      cluster.name(), endpoint.address().ToString()));
  }
  // Where nobody more may go, the lock is not asked for with every request that fails.
  if (answer == Answer::kTooManyAway) endpoint.SetFailures(0);
}

}  // namespace fairlead::upstream
