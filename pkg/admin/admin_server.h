#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "pkg/admin/http_server.h"
#include "pkg/base/address.h"

namespace fairlead::admin {

// What the admin port shows. Called on the server's thread, one at a time.
struct AdminSources {
  std::function<std::string()> config;  // the configuration in force, JSON
};

// The port for a person with a port-forward: /config and an index page. A web page of another site that the
// person has open can neither reach it by a name of its own (DNS rebinding: Host must be an IP address or
// localhost) nor read what it embeds from it (no CORS, no framing, nosniff, Cross-Origin-Resource-Policy).
absl::StatusOr<std::unique_ptr<HttpServer>> StartAdminServer(const base::SocketAddress& address,
                                                             AdminSources sources);

}  // namespace fairlead::admin
