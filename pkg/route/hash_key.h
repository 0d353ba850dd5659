#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "pkg/config/config.h"
#include "pkg/route/request_view.h"

namespace fairlead::route {

// The stable hash of what `keys` take from the request: the first that yields a value wins, nothing when none
// does; an empty value is none. Part of the contract between proxies is what is hashed, byte for byte:
//   source_ip  the 4 or 16 bytes of the client's address, network order, bits behind the prefix cleared
//   header     the value of the first field line of that name, without the whitespace around it
//   cookie     the value of the first cookie of that name (RFC 6265 §5.4), without quotes around it
//   query      the value of the first parameter of that name, not decoded
//   path       the path not decoded; of N segments, without what follows them: "/a/b" of "/a/b/c"
std::optional<uint64_t> ExtractKey(std::span<const config::HashKey> keys, const RequestView& request);

// Tells one way to make keys from another: the same for keys that take the same from every request.
uint32_t FingerprintOf(std::span<const config::HashKey> keys);

// The cookie that the answer to this request should set: the first key that yields is a cookie that the
// client lacks and the configuration says to issue. Nothing = none. It lives as long as `keys`; whoever
// issues it places the request by the hash of the value that it makes.
const config::CookieKey* CookieToIssue(std::span<const config::HashKey> keys, const RequestView& request);

}  // namespace fairlead::route
