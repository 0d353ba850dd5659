#include "pkg/telemetry/reject_reason.h"

#include <cstdlib>

namespace fairlead::telemetry {

std::string_view ToString(RejectReason reason) {
  switch (reason) {
    case RejectReason::kBadRequest:
      return "bad_request";
    case RejectReason::kTimeout:
      return "timeout";
    case RejectReason::kTooLarge:
      return "too_large";
    case RejectReason::kUnsupported:
      return "unsupported";
    case RejectReason::kNoRoute:
      return "no_route";
    case RejectReason::kNotAllowed:
      return "not_allowed";
    case RejectReason::kOriginDenied:
      return "origin_denied";
    case RejectReason::kAddressDenied:
      return "address_denied";
    case RejectReason::kMaxForwards:
      return "max_forwards";
    case RejectReason::kRateLimited:
      return "rate_limited";
    case RejectReason::kSurge:
      return "surge";
    case RejectReason::kOverloaded:
      return "overloaded";
    case RejectReason::kNoEndpoint:
      return "no_endpoint";
    case RejectReason::kClusterFull:
      return "cluster_full";
    case RejectReason::kExhausted:
      return "exhausted";
    case RejectReason::kConnectFailed:
      return "connect_failed";
    case RejectReason::kConnectTimeout:
      return "connect_timeout";
    case RejectReason::kBackendTls:
      return "backend_tls";
    case RejectReason::kBackendUnverified:
      return "backend_unverified";
    case RejectReason::kResponseTimeout:
      return "response_timeout";
    case RejectReason::kBackendClosed:
      return "backend_closed";
    case RejectReason::kBadResponse:
      return "bad_response";
    case RejectReason::kBadUpgrade:
      return "bad_upgrade";
    case RejectReason::kClientGone:
      return "client_gone";
    case RejectReason::kDraining:
      return "draining";
  }
  std::abort();
}

}  // namespace fairlead::telemetry
