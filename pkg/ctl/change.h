#pragma once

#include <string>

#include "pkg/base/clock.h"
#include "pkg/ctl/session.h"

namespace fairlead::control::v1 {
class ChangeOptions;
class ChangeResult;
}  // namespace fairlead::control::v1

namespace fairlead::ctl {

// What every change may say about itself.
struct ChangeFlags {
  bool dry_run = false;                  // say what it would do, and change nothing
  std::string etag;                      // refuse it unless this is in force; empty = whatever is
  base::Duration override_owner_for{0};  // take the configuration over from its owner; 0 = no
};

// Inside this room only.
void FillOptions(const ChangeFlags& flags, control::v1::ChangeOptions* options);
// "in force: revision 4, etag 17-ab" or "dry run against revision 3: …", and the impact.
std::string DescribeResult(const control::v1::ChangeResult& result, bool dry_run, const Style& style);

}  // namespace fairlead::ctl
