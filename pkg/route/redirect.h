#pragma once

#include <string>
#include <string_view>

#include "pkg/config/config.h"
#include "pkg/route/request_view.h"

namespace fairlead::route {

// The Location (RFC 9110 §10.2.2) that a redirect sends this request to. `scheme` is the one it came by. What
// the redirect leaves empty stays as requested, and the query always does; the requested port stays only
// while the scheme does, since another scheme's port is another one. Without any host it is a path on the
// same server.
std::string Location(const config::Redirect& redirect, std::string_view scheme, const RequestView& request);

}  // namespace fairlead::route
