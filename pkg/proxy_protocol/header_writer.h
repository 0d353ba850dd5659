#pragma once

#include <string>

#include "pkg/proxy_protocol/header.h"

namespace fairlead::proxy_protocol {

// The header as the first bytes to a backend. Where source and destination cannot be said together (one is a
// unix socket, or they are not given), version 1 says UNKNOWN and version 2 names no addresses. An IPv4
// address beside an IPv6 one is written as IPv4-mapped.

// Human-readable (§2.1): the two addresses and nothing else. A unix socket's are UNKNOWN.
std::string WriteV1(const Header& header);

// Binary (§2.2): everything in the header, with a checksum. Texts are cut to what fits: 255 bytes each, 128
// of the unique id.
std::string WriteV2(const Header& header);

}  // namespace fairlead::proxy_protocol
