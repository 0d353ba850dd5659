#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pkg/admin/http_server.h"
#include "pkg/base/address.h"

namespace fairlead::admin {

// What the telemetry port shows. Called on the server's thread, one at a time.
struct TelemetrySources {
  std::function<std::string()> metrics;  // Prometheus' text format 0.0.4
  std::function<absl::Status()> ready;   // not OK = take us out of the load balancer; the message says why
};

// The port that everybody in the cluster may ask: /metrics, /livez (200 while the process runs) and /readyz
// (200 or 503, the reason in the body). Nothing else.
absl::StatusOr<std::unique_ptr<HttpServer>> StartTelemetryServer(const base::SocketAddress& address,
                                                                 TelemetrySources sources);

}  // namespace fairlead::admin
