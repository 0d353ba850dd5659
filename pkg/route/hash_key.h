#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "pkg/config/config.h"
#include "pkg/route/request_view.h"

namespace fairlead::route {

// The stable hash of what `keys` take from the request: the first that yields a value wins, nothing when none
// does. Part of the contract between proxies: source_ip hashes the 4 or 16 bytes of the client's address in
// network order.
std::optional<uint64_t> ExtractKey(std::span<const config::HashKey> keys, const RequestView& request);

}  // namespace fairlead::route
