#include "pkg/drain/plan.h"

#include <cstdlib>

namespace fairlead::drain {

std::string_view ToString(Cause cause) {
  switch (cause) {
    case Cause::kShutdown:
      return "shutdown";
    case Cause::kEndpoint:
      return "endpoint";
    case Cause::kRoute:
      return "route";
    case Cause::kMisplaced:
      return "misplaced";
    case Cause::kRebalance:
      return "rebalance";
    case Cause::kRequested:
      return "requested";
  }
  std::abort();
}

Order OrderOf(config::DrainOrder order) {
  switch (order) {
    case config::DrainOrder::kRandom:
      return Order::kRandom;
    case config::DrainOrder::kOldest:
      return Order::kOldest;
    case config::DrainOrder::kNewest:
      return Order::kNewest;
    case config::DrainOrder::kEvenly:
      return Order::kEvenly;
  }
  std::abort();
}

Pace PaceOf(const config::ClusterDrain& settings) {
  return {.rate = static_cast<double>(settings.rate),
          .share = settings.share_percent / 100.0,
          .jitter_percent = settings.jitter_percent,
          .deadline = settings.deadline,
          .order = OrderOf(settings.order)};
}

}  // namespace fairlead::drain
