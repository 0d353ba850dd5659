#include "pkg/control/audit.h"

#include <fmt/format.h>

#include <string>

#include "pkg/apply/summary.h"
#include "pkg/telemetry/log.h"

namespace fairlead::control {
namespace {

// "2 changed: clusters[chat].endpoints[a], clusters[chat].endpoints[b]; keys moved in chat: 0.5%".
std::string Describe(const apply::Impact& impact) {
  std::string text = apply::Summarize(impact);
  for (const apply::ClusterImpact& cluster : impact.clusters) {
    if (cluster.keys_moved.value_or(0) > 0) {
      text += fmt::format("; keys moved in {}: {:.2f}%", cluster.cluster, *cluster.keys_moved * 100);
    }
    if (cluster.tunnels_on_removed > 0) {
      text += fmt::format("; tunnels on endpoints removed from {}: {}", cluster.cluster,
                          cluster.tunnels_on_removed);
    }
  }
  return text;
}

}  // namespace

void Audit(const apply::Origin& origin, std::string_view what, const apply::Answer& answer) {
  const std::string head = fmt::format("control: {} by {}", what, origin.ToString());
  if (answer.applied()) {
    telemetry::LogInfo(fmt::format("{}: revision {}, {}", head, answer.revision,
                                   answer.impact ? Describe(*answer.impact) : "nothing changed"));
    return;
  }
  std::string why = answer.message;
  if (why.empty() && !answer.violations.empty()) why = answer.violations.front().ToString();
  telemetry::LogWarning(fmt::format("{}: refused: {}", head, why));
}

}  // namespace fairlead::control
