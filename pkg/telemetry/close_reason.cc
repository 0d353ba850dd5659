#include "pkg/telemetry/close_reason.h"

#include <cstdlib>

namespace fairlead::telemetry {

std::string_view ToString(CloseReason reason) {
  switch (reason) {
    case CloseReason::kClientClosed:
      return "client_closed";
    case CloseReason::kBackendClosed:
      return "backend_closed";
    case CloseReason::kClientReset:
      return "client_reset";
    case CloseReason::kBackendReset:
      return "backend_reset";
    case CloseReason::kClientTimeout:
      return "client_timeout";
    case CloseReason::kBackendTimeout:
      return "backend_timeout";
    case CloseReason::kClientError:
      return "client_error";
    case CloseReason::kBackendError:
      return "backend_error";
    case CloseReason::kClientTruncated:
      return "client_truncated";
    case CloseReason::kBackendTruncated:
      return "backend_truncated";
    case CloseReason::kClientTlsError:
      return "client_tls_error";
    case CloseReason::kBackendTlsError:
      return "backend_tls_error";
    case CloseReason::kIdleTimeout:
      return "idle_timeout";
    case CloseReason::kWriteTimeout:
      return "write_timeout";
    case CloseReason::kHalfClosedTimeout:
      return "half_closed_timeout";
    case CloseReason::kMaxLifetime:
      return "max_lifetime";
    case CloseReason::kDeadPeer:
      return "dead_peer";
    case CloseReason::kProtocolError:
      return "protocol_error";
    case CloseReason::kMessageTooBig:
      return "message_too_big";
    case CloseReason::kTooManyMessages:
      return "too_many_messages";
    case CloseReason::kRequested:
      return "requested";
    case CloseReason::kDrained:
      return "drained";
    case CloseReason::kEndpointDrained:
      return "endpoint_drained";
    case CloseReason::kRouteRemoved:
      return "route_removed";
    case CloseReason::kMisplaced:
      return "misplaced";
    case CloseReason::kRebalanced:
      return "rebalanced";
    case CloseReason::kDrainExpired:
      return "drain_expired";
    case CloseReason::kShutdown:
      return "shutdown";
  }
  std::abort();
}

}  // namespace fairlead::telemetry
