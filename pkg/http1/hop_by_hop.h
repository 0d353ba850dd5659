#pragma once

#include <string_view>

#include "pkg/http1/fields.h"
#include "pkg/http1/framing.h"

namespace fairlead::http1 {

// Whether a field of that name speaks to the next hop only (RFC 9110 §7.6.1): Connection, Keep-Alive,
// Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade, and Proxy-Authenticate and Proxy-Authorization,
// which are between a client and its own proxy.
bool IsHopByHop(std::string_view name);

// Adds to *to what an intermediary passes on: all but the hop-by-hop fields, the fields that Connection
// names, and Content-Length, which AddFraming makes anew. Host stays whatever Connection says. Kept of the
// hop-by-hop fields are `TE: trailers`, and Trailer where the body goes on chunked, trailers and all. The
// views are shared, not copied.
void CopyEndToEnd(const Fields& from, Framing onward, Fields* to);

// Adds `Connection: option` ("upgrade", "close", "keep-alive", or "" for none), and names TE too where the
// list has it (RFC 9110 §10.1.4).
void AddConnection(std::string_view option, Fields* fields);

// Whether a trailer of that name may be passed on: nothing that frames, routes, authenticates or describes
// the message, since a recipient may merge trailers into the head (RFC 9110 §6.5.1).
bool MayBeTrailer(std::string_view name);

}  // namespace fairlead::http1
