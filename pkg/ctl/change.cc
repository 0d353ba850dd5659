#include "pkg/ctl/change.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include "fairlead/control/v1/config_service.pb.h"
#include "pkg/ctl/impact_text.h"

namespace fairlead::ctl {

void FillOptions(const ChangeFlags& flags, control::v1::ChangeOptions* options) {
  options->set_validate_only(flags.dry_run);
  options->set_etag(flags.etag);
  if (flags.override_owner_for > base::Duration(0)) {
    *options->mutable_override_owner_for() =
        google::protobuf::util::TimeUtil::MillisecondsToDuration(flags.override_owner_for.count());
  }
}

std::string DescribeResult(const control::v1::ChangeResult& result, bool dry_run, const Style& style) {
  const std::string head =
      dry_run ? fmt::format("dry run against revision {}: ", result.revision())
              : fmt::format("in force: revision {}, etag {}\n", result.revision(), result.etag());
  return style.Paint(Tint::kStrong, head) + DescribeImpact(result.impact(), style);
}

}  // namespace fairlead::ctl
