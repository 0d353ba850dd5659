#pragma once

#include <set>
#include <string>
#include <vector>

#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/config/violation.h"
#include "pkg/snapshot/tls_contexts.h"

namespace fairlead::apply {

// What will make trouble although it is no reason to refuse the configuration: certificates that are out of
// date, or soon will be, and source addresses that this host does not have now. `tls`: of that configuration.
std::vector<config::Violation> WarningsOf(const config::Config& config, const snapshot::TlsContexts& tls,
                                          base::WallTime now);

// Logs warnings, each when it is new.
class WarningLog {
 public:
  // All that there are now.
  void Tell(const std::vector<config::Violation>& warnings);

 private:
  std::set<std::string> told_;
};

// A configuration that is only looked at.
struct Inspection {
  std::vector<config::Violation> violations;  // why it would be refused here and now
  std::vector<config::Violation> warnings;
};
// Reads what the configuration names, as applying it would. Blocks on the disk.
Inspection Inspect(const config::Config& config, const base::Clock& clock);

}  // namespace fairlead::apply
