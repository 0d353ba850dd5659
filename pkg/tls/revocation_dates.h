#pragma once

#include <optional>
#include <string>

#include "pkg/base/clock.h"
#include "pkg/tls/trust_store.h"

namespace fairlead::tls {

// For people: that of the revocation lists that peers' certificates are held against one is out of date at
// `now`, though it is its authority's newest: nobody whom that authority signed for is believed then. Empty =
// none is, or there are none. Here and below, no authorities (null) have no lists.
std::string CrlsOutOfDate(const TrustStore* authorities, base::WallTime now);

// For people: that one of them, and its authority's newest, ends soon (EndsSoon). Empty = none does, or is
// out of date.
std::string CrlsExpireSoon(const TrustStore* authorities, base::WallTime now);

// The first nextUpdate (RFC 5280 §5.1.2.5) of those that are their authorities' newest. Nothing where none
// has one.
std::optional<base::WallTime> EarliestCrlExpiry(const TrustStore* authorities);

}  // namespace fairlead::tls
