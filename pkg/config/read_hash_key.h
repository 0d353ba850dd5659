#pragma once

#include <vector>

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class LoadBalancing;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// The keys of a policy that hashes; the client's address where there are none. `path` is the list's.
std::vector<HashKey> ReadHashKeys(const v1::LoadBalancing& message, const Path& path, Report& report);

}  // namespace fairlead::config
