#pragma once

#include <string>

#include "pkg/base/clock.h"
#include "pkg/tls/certificate.h"

namespace fairlead::tls {

// For people, in UTC.
std::string MomentOf(base::WallTime time);

// For people: that the certificate has expired at `now`, or is not valid yet. Empty = neither.
std::string OutOfDate(const Certificate& certificate, base::WallTime now);

// For people: that it expires soon, in less than a tenth of its life and less than 14 days, by when somebody
// should have renewed it. Empty where it does not, or is out of date.
std::string ExpiresSoon(const Certificate& certificate, base::WallTime now);

}  // namespace fairlead::tls
