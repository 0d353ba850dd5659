#pragma once

#include <optional>
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

// For people: that one of them, and its authority's newest, expires as soon as ExpiresSoon has it of
// certificates. Empty = none does, or is out of date.
std::string ListsExpireSoon(const ServerContext& context, base::WallTime now);
std::string ListsExpireSoon(const ClientContext& context, base::WallTime now);

// When the first of them that is its authority's newest ends. Nothing where none does.
std::optional<base::WallTime> FirstListEnds(const ServerContext& context);
std::optional<base::WallTime> FirstListEnds(const ClientContext& context);

}  // namespace fairlead::tls
