#pragma once

#include <string>

#include "pkg/base/clock.h"
#include "pkg/ctl/style.h"

namespace fairlead::control::v1 {
class ListDrainsResponse;
class StartRebalanceResponse;
}  // namespace fairlead::control::v1

namespace fairlead::ctl {

// A table, a bar for each.
std::string DescribeDrains(const control::v1::ListDrainsResponse& response, base::WallTime now,
                           const Style& style);

// What a rebalance of that cluster does, or would.
std::string DescribeRebalance(const control::v1::StartRebalanceResponse& response, const std::string& cluster,
                              bool dry_run);

}  // namespace fairlead::ctl
