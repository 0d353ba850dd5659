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
  if (response.drains().empty()) return "no endpoint has been drained\n";
  using enum Table::Align;
  Table table({{"ID", kRight},
               {"CLUSTER"},
               {"ENDPOINT"},
               {"STATE"},
               {"PROGRESS"},
               {"GONE", kRight},
               {"TOLD", kRight},
               {"OF", kRight},
               {"SINCE", kRight}});
  for (const v1::Drain& drain : response.drains()) {
    const base::WallTime began{
        std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(drain.began_at()))};
    table.Add({std::to_string(drain.id()), drain.cluster(), drain.endpoint(), StateOf(drain.state()),
               BarOf(drain), FormatCount(drain.gone()), FormatCount(drain.told()), FormatCount(drain.total()),
               FormatAge(std::chrono::duration_cast<base::Duration>(now - began))});
  }
  return table.ToString(style);
}

}  // namespace fairlead::ctl
