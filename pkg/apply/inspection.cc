#include "pkg/apply/inspection.h"

#include <iterator>
#include <utility>

#include "pkg/apply/certificates.h"
#include "pkg/apply/sticky_secrets.h"
#include "pkg/apply/warnings.h"
#include "pkg/telemetry/process_stats.h"

namespace fairlead::apply {

Inspection Inspect(const config::Config& config, const base::Clock& clock) {
  telemetry::ProcessStats stats;
  Certificates certificates(clock, &stats);
  StickySecrets secrets;
  Inspection inspection;
  // A key that is known by its hash alone may be with the proxy that runs.
  inspection.violations = certificates.Prepare(config, Certificates::MissingKeys::kWaitFor);
  std::vector<config::Violation> unread = secrets.Prepare(config);
  std::move(unread.begin(), unread.end(), std::back_inserter(inspection.violations));
  inspection.warnings = WarningsOf(config, certificates.For(config), clock.WallNow());
  return inspection;
}

}  // namespace fairlead::apply
