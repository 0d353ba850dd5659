#pragma once

#include <memory>
#include <vector>

#include "pkg/tls/client_context.h"
#include "pkg/tls/server_context.h"

namespace fairlead::snapshot {

// What TLS needs beyond the configuration, in the order of its listeners and clusters. Null where there is no
// TLS, or where its key has yet to be brought.
struct TlsContexts {
  std::vector<std::shared_ptr<const tls::ServerContext>> listeners;
  std::vector<std::shared_ptr<const tls::ClientContext>> clusters;
};

}  // namespace fairlead::snapshot
