#include "pkg/admin/telemetry_server.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace fairlead::admin {
namespace {

HttpResponse Readiness(const absl::Status& status) {
  if (status.ok()) return {.body = "ok\n"};
  return {.status = 503, .body = absl::StrCat(status.message(), "\n")};
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> StartTelemetryServer(const base::SocketAddress& address,
                                                                 TelemetrySources sources) {
  return HttpServer::Start(
      address, [sources = std::move(sources)](const HttpRequest& request) -> HttpResponse {
        if (request.path == "/livez") return {.body = "ok\n"};
        if (request.path == "/readyz") return Readiness(sources.ready());
        if (request.path == "/metrics") {
          return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = sources.metrics()};
        }
        return {.status = 404, .body = "here are /metrics, /livez and /readyz\n"};
      });
}

}  // namespace fairlead::admin
