#include "pkg/ctl/status_text.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <chrono>

#include "fairlead/control/v1/status_service.pb.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using google::protobuf::util::TimeUtil;

std::string Since(const google::protobuf::Timestamp& then, base::WallTime now) {
  const base::WallTime time{std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(then))};
  return FormatAge(std::chrono::duration_cast<base::Duration>(now - time));
}

// Titles and what stands behind them.
class Lines {
 public:
  explicit Lines(const Style& style) : style_(style) {}

  void Add(std::string_view title, std::string_view text, Tint tint = Tint::kNone) {
    text_ +=
        style_.Paint(Tint::kFaint, fmt::format("{:<14}", title)) + style_.Paint(tint, Printable(text)) + "\n";
  }
  std::string Take() && { return std::move(text_); }

 private:
  const Style& style_;
  std::string text_;
};

std::string DescribeRevision(const v1::Status& status, base::WallTime now) {
  if (status.revision() == 0) return "none yet";
  std::string text = fmt::format("{}, applied {} ago", status.revision(), Since(status.applied_at(), now));
  if (status.installed_revision() == status.revision()) return text + ", run by every worker";
  return text + fmt::format("; some workers still run {}", status.installed_revision());
}

void AddFleet(const v1::FleetStatus& fleet, base::WallTime now, Lines& lines) {
  const std::string age = Since(fleet.since(), now);
  if (fleet.connected()) {
    return lines.Add("control plane", fmt::format("{}, connected for {}", fleet.address(), age), Tint::kGood);
  }
  std::string text = fmt::format("{}, not connected for {}", fleet.address(), age);
  if (!fleet.last_error().empty()) text += ": " + fleet.last_error();
  lines.Add("control plane", text, Tint::kBad);
}

// Those under way, all together.
std::string DescribeDrains(const v1::Status& status) {
  int64_t remaining = 0;
  for (const v1::Drain& drain : status.drains()) remaining += drain.remaining();
  return fmt::format("{} under way, {} to go", status.drains_size(), FormatCount(remaining, "tunnel"));
}

}  // namespace

std::string DescribeStatus(const v1::Status& status, base::WallTime now, const Style& style) {
  Lines lines(style);
  lines.Add("node", status.node().empty() ? "(no id)" : status.node(), Tint::kStrong);
  lines.Add("version", fmt::format("{}, up {}", status.version(), Since(status.started_at(), now)));
  if (status.ready()) {
    lines.Add("ready", "yes", Tint::kGood);
  } else {
    lines.Add("ready", "no: " + status.not_ready_reason(), Tint::kBad);
  }
  if (status.overridden_by().empty()) {
    lines.Add("owner", status.owner());
  } else {
    const base::WallTime until{
        std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(status.overridden_until()))};
    lines.Add(
        "owner",
        fmt::format("{}, taken over by {} until {}, for {} more", status.owner(), status.overridden_by(),
                    FormatTime(until), FormatAge(std::chrono::duration_cast<base::Duration>(until - now))),
        Tint::kWarning);
  }
  lines.Add("revision", DescribeRevision(status, now));
  if (status.stale()) {
    lines.Add("stale",
              fmt::format("since {}: from disk, and nobody has confirmed it",
                          FormatAge(base::Duration(TimeUtil::DurationToMilliseconds(status.stale_for())))),
              Tint::kWarning);
  }
  lines.Add("open", fmt::format("{}, {}", FormatCount(status.open_tunnels(), "tunnel"),
                                FormatCount(status.open_connections(), "connection")));
  if (status.draining()) {
    lines.Add("draining", status.drained() ? "done, nothing is open" : "yes", Tint::kWarning);
  }
  if (!status.drains().empty()) lines.Add("drains", DescribeDrains(status), Tint::kWarning);
  if (status.has_fleet()) AddFleet(status.fleet(), now, lines);
  for (const std::string& waiting : status.waiting_for_keys()) {
    lines.Add("waits for its key", waiting, Tint::kBad);
  }
  if (!status.last_rejection().empty()) lines.Add("last refusal", status.last_rejection(), Tint::kBad);
  return std::move(lines).Take();
}

std::string SummarizeStatus(const v1::Status& status, base::WallTime now) {
  std::string text = fmt::format("{}  {}  revision {}", FormatTime(now),
                                 status.ready() ? "ready" : "not ready", status.revision());
  if (status.installed_revision() != status.revision()) {
    text += fmt::format(" (workers at {})", status.installed_revision());
  }
  text += fmt::format("  {}  {}", FormatCount(status.open_tunnels(), "tunnel"),
                      FormatCount(status.open_connections(), "connection"));
  if (!status.overridden_by().empty()) text += "  taken over by " + Printable(status.overridden_by());
  if (status.stale()) text += "  stale";
  if (status.draining()) text += status.drained() ? "  drained" : "  draining";
  if (!status.drains().empty()) text += "  drains: " + DescribeDrains(status);
  if (status.has_fleet() && !status.fleet().connected()) text += "  no control plane";
  if (!status.last_rejection().empty()) text += "  refused: " + Printable(status.last_rejection());
  return text;
}

}  // namespace fairlead::ctl
