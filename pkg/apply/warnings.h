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

// Logs warnings, each when it is new. They are looked for at every change and, where certificate files are
// watched, once an hour beside: a certificate nears its end without anybody changing anything.
class WarningLog {
 public:
  // All that there are now.
  void Tell(const std::vector<config::Violation>& warnings, base::MonotonicTime now);
  // Whether the last look was an hour ago.
  bool Due(base::MonotonicTime now) const;

 private:
  std::set<std::string> told_;
  base::MonotonicTime told_at_;
};

}  // namespace fairlead::apply
