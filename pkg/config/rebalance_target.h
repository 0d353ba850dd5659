#pragma once

#include <cstdint>
#include <optional>

#include "pkg/config/violation.h"

namespace fairlead::config {

// The `target` of a rebalance, more than 1 up to 10, in thousandths. Nothing where it is none: `wrong` then
// has the problem and the remedy.
std::optional<uint32_t> ReadRebalanceTarget(double target, Violation* wrong);

}  // namespace fairlead::config
