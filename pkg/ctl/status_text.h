#pragma once

#include <string>

#include "pkg/base/clock.h"
#include "pkg/ctl/style.h"

namespace fairlead::control::v1 {
class Status;
}

namespace fairlead::ctl {

// How a proxy is, for people. `now` is what ages are counted to.

// A line for each thing worth knowing.
std::string DescribeStatus(const control::v1::Status& status, base::WallTime now, const Style& style);
// The same in one line, without its end: what changes while one watches.
std::string SummarizeStatus(const control::v1::Status& status, base::WallTime now);

}  // namespace fairlead::ctl
