#pragma once

#include <string>

#include "pkg/ctl/style.h"

namespace fairlead::control::v1 {
class Impact;
}

namespace fairlead::ctl {

// What a change does, for people: which fields differ, what becomes of each cluster, its endpoints and its
// keys, and what goes. Lines, each with its end; "nothing changes" where that is so.
std::string DescribeImpact(const control::v1::Impact& impact, const Style& style);

}  // namespace fairlead::ctl
