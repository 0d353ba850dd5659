#include "pkg/apply/audit.h"

#include <fmt/format.h>

#include <string>

#include "pkg/apply/summary.h"
#include "pkg/config/duration_text.h"
#include "pkg/config/quote.h"
#include "pkg/telemetry/log.h"

namespace fairlead::apply {
namespace {

constexpr size_t kMaxClusters = 8;
constexpr size_t kMaxWho = 256;
constexpr size_t kMaxWhy = 2048;

// "2 changed: clusters[chat].endpoints[a], clusters[chat].endpoints[b]; keys moved in chat: 0.5%".
std::string Describe(const Impact& impact) {
  std::string text = Summarize(impact);
  size_t named = 0;
  for (const ClusterImpact& cluster : impact.clusters) {
    if (cluster.keys_moved.value_or(0) == 0 && cluster.tunnels_on_removed == 0) continue;
    if (++named > kMaxClusters) return text + "; …";
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

// What stands behind the revision is what it does as a whole.
std::string Others(const Answer& answer) {
  if (answer.others == 0) return "";
  return fmt::format(" with {} other{}", answer.others, answer.others == 1 ? "" : "s");
}

}  // namespace

void Audit(const Origin& origin, std::string_view what, const Answer& answer, base::Duration overriding) {
  std::string head = fmt::format("control: {} by {}", what, config::Printable(origin.ToString(), kMaxWho));
  if (overriding > base::Duration(0)) {
    head += fmt::format(", overriding the owner for {}", config::FormatDuration(overriding));
  }
  if (answer.repeated) head += ", repeated";
  if (answer.applied()) {
    telemetry::LogInfo(fmt::format("{}: revision {}{}, {}", head, answer.revision, Others(answer),
                                   answer.impact ? Describe(*answer.impact) : "nothing changed"));
    return;
  }
  std::string why = answer.message;
  if (why.empty() && !answer.violations.empty()) why = answer.violations.front().ToString();
  telemetry::LogWarning(fmt::format("{}: refused: {}", head, config::Printable(why, kMaxWhy)));
}

}  // namespace fairlead::apply
