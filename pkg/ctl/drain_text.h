#pragma once

#include <string>

#include "pkg/base/clock.h"
#include "pkg/ctl/style.h"

namespace fairlead::control::v1 {
class ListDrainsResponse;
}  // namespace fairlead::control::v1

namespace fairlead::ctl {

// A table, a bar for each.
std::string DescribeDrains(const control::v1::ListDrainsResponse& response, base::WallTime now,
                           const Style& style);

}  // namespace fairlead::ctl
