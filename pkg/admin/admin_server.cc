#include "pkg/admin/admin_server.h"

#include <string_view>
#include <utility>

#include "pkg/http1/ascii.h"

namespace fairlead::admin {
namespace {

constexpr std::string_view kIndex = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Fairlead</title>
<h1>Fairlead</h1>
<ul>
<li><a href="/config">/config</a>: the configuration in force, as JSON, defaults filled in
</ul>
</html>
)";

// "localhost", "127.0.0.1:9181", "[::1]:9181". No name but localhost: an attacker's own name may resolve to
// us.
bool IsNumericOrLocal(std::string_view authority) {
  const bool bracketed = authority.substr(0, 1) == "[";
  const size_t end = bracketed ? authority.find(']') : authority.rfind(':');
  const std::string_view host = authority.substr(bracketed, end - bracketed);
  return http1::EqualsIgnoreCase(host, "localhost") || base::IpAddress::Parse(host).has_value();
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> StartAdminServer(const base::SocketAddress& address,
                                                             AdminSources sources) {
  return HttpServer::Start(
      address, [sources = std::move(sources)](const HttpRequest& request) -> HttpResponse {
        if (!IsNumericOrLocal(request.host)) {
          return {.status = 421, .body = "ask for localhost or an IP address: other names are refused\n"};
        }
        if (request.path == "/")
          return {.content_type = "text/html; charset=utf-8", .body = std::string(kIndex)};
        if (request.path == "/config") return {.content_type = "application/json", .body = sources.config()};
        return {.status = 404, .body = "here are / and /config\n"};
      });
}

}  // namespace fairlead::admin
