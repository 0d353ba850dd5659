#include "pkg/config/read_drain.h"

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/read_websocket.h"
#include "pkg/config/rebalance_target.h"

namespace fairlead::config {
namespace {

constexpr DurationRange kUpToADay = {base::Duration(0), std::chrono::hours(24)};
constexpr NumberRange kRate = {0, 100000};
constexpr NumberRange kPercent = {0, 100};

DrainOrder ReadOrder(v1::DrainOrder order, const Path& path, Report& report) {
  switch (order) {
    case v1::DRAIN_ORDER_UNSPECIFIED:
    case v1::DRAIN_ORDER_RANDOM:
      return DrainOrder::kRandom;
    case v1::DRAIN_ORDER_OLDEST:
      return DrainOrder::kOldest;
    case v1::DRAIN_ORDER_NEWEST:
      return DrainOrder::kNewest;
    case v1::DRAIN_ORDER_EVENLY:
      return DrainOrder::kEvenly;
    default:
      report.Add(path, "is not known", "give RANDOM, OLDEST, NEWEST or EVENLY");
      return DrainOrder::kRandom;
  }
}

Misplaced ReadMisplaced(v1::MisplacedPolicy policy, const Path& path, Report& report) {
  switch (policy) {
    case v1::MISPLACED_POLICY_UNSPECIFIED:
    case v1::MISPLACED_POLICY_KEEP:
      return Misplaced::kKeep;
    case v1::MISPLACED_POLICY_MOVE:
      return Misplaced::kMove;
    default:
      report.Add(path, "is not known", "give KEEP or MOVE");
      return Misplaced::kKeep;
  }
}

Rebalance ReadRebalance(const v1::Rebalance& message, const Path& path, Report& report) {
  Rebalance rebalance;
  if (message.has_target()) {
    Violation wrong;
    if (const auto permille = ReadRebalanceTarget(message.target(), &wrong)) {
      rebalance.target_permille = *permille;
    } else {
      report.Add(path.Field("target"), wrong.problem, wrong.remedy);
    }
  }
  if (message.has_min_age()) {
    rebalance.min_age = ReadDuration(message.min_age(), kUpToADay, path.Field("min_age"), report);
  }
  if (message.has_cooldown()) {
    rebalance.cooldown = ReadDuration(message.cooldown(), kUpToADay, path.Field("cooldown"), report);
  }
  return rebalance;
}

}  // namespace

Drain ReadDrain(const v1::Drain& message, const Path& path, Report& report) {
  Drain drain;
  if (message.has_delay()) {
    drain.delay = ReadDuration(message.delay(), kUpToADay, path.Field("delay"), report);
  }
  if (message.has_window()) {
    drain.window = ReadDuration(message.window(), kUpToADay, path.Field("window"), report);
  }
  if (message.has_close_code()) {
    drain.close_code = ReadCloseCode(message.close_code(), path.Field("close_code"), report);
  }
  drain.order = ReadOrder(message.order(), path.Field("order"), report);
  return drain;
}

ClusterDrain ReadClusterDrain(const v1::ClusterDrain& message, const Path& path, Report& report) {
  ClusterDrain drain;
  if (message.has_rate()) drain.rate = ReadNumber(message.rate(), kRate, path.Field("rate"), report);
  if (message.has_share_percent()) {
    drain.share_percent = ReadNumber(message.share_percent(), kPercent, path.Field("share_percent"), report);
  }
  if (message.has_jitter_percent()) {
    drain.jitter_percent =
        ReadNumber(message.jitter_percent(), kPercent, path.Field("jitter_percent"), report);
  }
  if (message.has_deadline()) {
    drain.deadline = ReadDuration(message.deadline(), kUpToADay, path.Field("deadline"), report);
  }
  if (message.has_close_code()) {
    drain.close_code = ReadCloseCode(message.close_code(), path.Field("close_code"), report);
  }
  drain.order = ReadOrder(message.order(), path.Field("order"), report);
  return drain;
}

OnRemoved ReadOnRemoved(const v1::Route& message, const Path& path, Report& report) {
  switch (message.on_removed()) {
    case v1::ON_REMOVED_UNSPECIFIED:
    case v1::ON_REMOVED_KEEP:
      return OnRemoved::kKeep;
    case v1::ON_REMOVED_DRAIN:
      return OnRemoved::kDrain;
    default:
      report.Add(path.Field("on_removed"), "is not known", "give KEEP or DRAIN");
      return OnRemoved::kKeep;
  }
}

void ReadMoves(const v1::Cluster& message, const Path& path, Report& report, Cluster* cluster) {
  const Path misplaced = path.Field("misplaced"), rebalance = path.Field("rebalance");
  const bool hashes = Hashes(cluster->load_balancing.policy);
  cluster->resilience.misplaced = ReadMisplaced(message.misplaced(), misplaced, report);
  if (!hashes && cluster->resilience.misplaced == Misplaced::kMove) {
    report.Add(misplaced, "is of no use to a policy that does not hash",
               "set load_balancing.policy to RING_HASH, MAGLEV or RENDEZVOUS, or leave it out");
  }
  // A client that is told to go brings its cookie back, and would be told again.
  const bool sticky = message.has_sticky_cookie();
  if (sticky && cluster->resilience.misplaced == Misplaced::kMove) {
    report.Add(misplaced, "cannot move clients that sticky_cookie brings back", "leave one of the two out");
  }
  if (!message.has_rebalance()) return;
  cluster->resilience.rebalance = ReadRebalance(message.rebalance(), rebalance, report);
  if (hashes || cluster->load_balancing.policy == Policy::kRoundRobin) {
    report.Add(rebalance, "is of no use to a policy that does not go by load",
               "set load_balancing.policy to LEAST_CONNECTIONS or RANDOM_TWO_CHOICES, or leave it out");
  }
  if (sticky) {
    report.Add(rebalance, "cannot move clients that sticky_cookie brings back", "leave one of the two out");
  }
}

}  // namespace fairlead::config
