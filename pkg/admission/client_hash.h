#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "pkg/base/address.h"
#include "pkg/base/mix.h"

namespace fairlead::admission {

// Inside this room only. Who counts as one client: an IPv4 address, or a /64 of IPv6, since a client often
// has all of one to choose from. `seed`: random, so that nobody can choose addresses that meet.
inline uint64_t HashOf(const base::IpAddress& client, uint64_t seed) {
  constexpr size_t kIpv6PrefixBytes = 8;
  uint64_t prefix = 0;
  std::memcpy(&prefix, client.bytes().data(), std::min(client.bytes().size(), kIpv6PrefixBytes));
  return base::Mix(base::Mix(prefix ^ seed) + (client.is_v4() ? 4 : 6) + seed);
}

}  // namespace fairlead::admission
