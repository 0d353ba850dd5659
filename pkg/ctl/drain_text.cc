#include "pkg/ctl/drain_text.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>

#include "fairlead/control/v1/tunnel_service.pb.h"
#include "pkg/ctl/table.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using google::protobuf::util::TimeUtil;

constexpr int64_t kBarWidth = 20;

// "#######====.........": gone, told, and neither.
std::string BarOf(const v1::Drain& drain) {
  const int64_t total = std::max<int64_t>(drain.total(), 1);
  const int64_t gone = std::clamp<int64_t>(drain.gone() * kBarWidth / total, 0, kBarWidth);
  const int64_t told = std::clamp<int64_t>(drain.told() * kBarWidth / total, gone, kBarWidth);
  return std::string(static_cast<size_t>(gone), '#') + std::string(static_cast<size_t>(told - gone), '=') +
         std::string(static_cast<size_t>(kBarWidth - told), '.');
}

std::string CauseOf(v1::DrainCause cause) {
  switch (cause) {
    case v1::DRAIN_CAUSE_SHUTDOWN:
      return "shutdown";
    case v1::DRAIN_CAUSE_ENDPOINT:
      return "endpoint";
    case v1::DRAIN_CAUSE_ROUTE:
      return "route";
    case v1::DRAIN_CAUSE_MISPLACED:
      return "misplaced";
    case v1::DRAIN_CAUSE_REBALANCE:
      return "rebalance";
    case v1::DRAIN_CAUSE_REQUESTED:
      return "requested";
    default:
      return "?";
  }
}

// The endpoint or route that it is about.
std::string SubjectOf(const v1::Drain& drain) {
  if (!drain.endpoint().empty()) return drain.endpoint();
  return drain.route().empty() ? "-" : drain.route();
}

Table::Cell StateOf(v1::DrainState state) {
  switch (state) {
    case v1::DRAIN_STATE_RUNNING:
      return {"RUNNING", Tint::kGood};
    case v1::DRAIN_STATE_PAUSED:
      return {"PAUSED", Tint::kWarning};
    case v1::DRAIN_STATE_CANCELLED:
      return {"CANCELLED", Tint::kFaint};
    case v1::DRAIN_STATE_DONE:
      return {"DONE", Tint::kFaint};
    default:
      return {"?"};
  }
}

}  // namespace

std::string DescribeDrains(const v1::ListDrainsResponse& response, base::WallTime now, const Style& style) {
  if (response.drains().empty()) return "no drain is under way, or was\n";
  using enum Table::Align;
  Table table({{"ID", kRight},
               {"CAUSE"},
               {"CLUSTER"},
               {"ABOUT"},
               {"STATE"},
               {"PROGRESS"},
               {"GONE", kRight},
               {"TOLD", kRight},
               {"OF", kRight},
               {"SINCE", kRight}});
  for (const v1::Drain& drain : response.drains()) {
    const base::WallTime began{
        std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(drain.began_at()))};
    table.Add({std::to_string(drain.id()), CauseOf(drain.cause()),
               drain.cluster().empty() ? "-" : drain.cluster(), SubjectOf(drain), StateOf(drain.state()),
               BarOf(drain), FormatCount(drain.gone()), FormatCount(drain.told()), FormatCount(drain.total()),
               FormatAge(std::chrono::duration_cast<base::Duration>(now - began))});
  }
  return table.ToString(style);
}

std::string DescribeRebalance(const v1::StartRebalanceResponse& response, const std::string& cluster,
                              bool dry_run) {
  std::string text = fmt::format("{}: the fullest endpoint has {:.2f} of its part, {:.2f} is the target\n",
                                 Printable(cluster), response.max_over_mean(), response.target());
  if (response.moves() == 0) return text + "no tunnel has to move, or none is old enough\n";
  const std::string moves = FormatCount(response.moves(), "tunnel");
  if (dry_run) return text + moves + " would move\n";
  return text + fmt::format("moving {}: drain {}\n", moves, response.drain_id());
}

}  // namespace fairlead::ctl
