#include "pkg/ctl/fleet_event.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <string_view>

#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

struct Word {
  std::string_view text;
  Tint tint;
};

Word WordFor(FleetEvent::Kind kind) {
  switch (kind) {
    case FleetEvent::Kind::kPublished:
      return {"published", Tint::kStrong};
    case FleetEvent::Kind::kRejected:
      return {"rejected", Tint::kBad};
    case FleetEvent::Kind::kConnected:
      return {"connected", Tint::kNone};
    case FleetEvent::Kind::kAcked:
      return {"acked", Tint::kGood};
    case FleetEvent::Kind::kNacked:
      return {"nacked", Tint::kBad};
    case FleetEvent::Kind::kGone:
      return {"gone", Tint::kWarning};
  }
  return {"", Tint::kNone};
}

}  // namespace

std::string DescribeEvent(const FleetEvent& event, base::WallTime now, const Style& style) {
  const Word word = WordFor(event.kind);
  std::string text = style.Paint(Tint::kFaint, FormatTime(now)) + "  " +
                     style.Paint(word.tint, fmt::format("{:<9}", word.text));
  if (!event.node.empty()) text += "  " + Printable(event.node);
  if (event.revision != 0) text += fmt::format("  revision {}", event.revision);
  if (!event.text.empty()) text += "  " + Printable(event.text);
  text += "\n";
  for (const std::string& violation : event.violations) text += "  " + Printable(violation) + "\n";
  return text;
}

std::string EventToJson(const FleetEvent& event, base::WallTime now) {
  using google::protobuf::util::TimeUtil;
  google::protobuf::Struct object;
  auto& fields = *object.mutable_fields();
  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  fields["time"].set_string_value(TimeUtil::ToString(TimeUtil::MillisecondsToTimestamp(since_epoch.count())));
  fields["event"].set_string_value(std::string(WordFor(event.kind).text));
  fields["node"].set_string_value(event.node);
  fields["revision"].set_number_value(static_cast<double>(event.revision));
  fields["text"].set_string_value(event.text);
  auto& violations = *fields["violations"].mutable_list_value();
  for (const std::string& violation : event.violations) violations.add_values()->set_string_value(violation);
  std::string json;
  // Every value is there: nothing to fail.
  (void)google::protobuf::util::MessageToJsonString(object, &json);
  return json + "\n";
}

}  // namespace fairlead::ctl
