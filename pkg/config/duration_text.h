#pragma once

#include <string>
#include <string_view>

#include "pkg/base/clock.h"

namespace fairlead::config {

enum class DurationError { kNone, kSyntax, kNegative, kTooFine, kTooLong };

struct DurationResult {
  base::Duration value{0};
  DurationError error = DurationError::kNone;
};

// Reads a duration as people write it: numbers with units, from the largest to the smallest, such as "5m",
// "1h30m", "250ms", "1.5s" or "7d"; "0" needs no unit. Units are d, h, m, s and ms. Resolution is a
// millisecond, the limit 10,000 years of 365 days.
DurationResult ParseDuration(std::string_view text);

// A duration, not negative, in such text: "1h30m", "2.5s", "250ms", "0s".
std::string FormatDuration(base::Duration duration);

}  // namespace fairlead::config
