#pragma once

#include <string>

#include "pkg/base/clock.h"
#include "pkg/tls/certificate.h"

namespace fairlead::tls {

// For people, in UTC.
std::string MomentOf(base::WallTime time);

// For people: that the certificate has expired at `now`, or is not valid yet. Empty = neither.
std::string OutOfDate(const Certificate& certificate, base::WallTime now);

// Whether less than a tenth of that life is left, and less than 14 days: somebody should have renewed it.
bool EndsSoon(base::WallTime begins, base::WallTime ends, base::WallTime now);

// For people: that it expires soon in that sense. Empty where it does not, or is out of date.
std::string ExpiresSoon(const Certificate& certificate, base::WallTime now);

}  // namespace fairlead::tls
