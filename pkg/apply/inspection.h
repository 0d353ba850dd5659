#pragma once

#include <vector>

#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/config/violation.h"

namespace fairlead::apply {

// What came of looking at a configuration, as `fairlead check` does.
struct Inspection {
  std::vector<config::Violation> violations;  // why it would be refused here and now
  std::vector<config::Violation> warnings;
};
// Reads what the configuration names, as applying it would. Blocks on the disk.
Inspection Inspect(const config::Config& config, const base::Clock& clock);

}  // namespace fairlead::apply
