#pragma once

#include <string>

#include "pkg/base/clock.h"
#include "pkg/tls/client_context.h"
#include "pkg/tls/server_context.h"

namespace fairlead::tls {

// For people: that of the revocation lists that peers' certificates are held against one is out of date at
// `now`, though it is its authority's newest: nobody whom that authority signed for is believed then. Empty =
// none is, or there are none.
std::string ListsOutOfDate(const ServerContext& context, base::WallTime now);
std::string ListsOutOfDate(const ClientContext& context, base::WallTime now);

}  // namespace fairlead::tls
