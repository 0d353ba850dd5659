#include "pkg/config/same_site.h"

#include "fairlead/config/v1/config.pb.h"

namespace fairlead::config {

SameSite ReadSameSite(v1::SameSite same_site, const Path& path, Report& report) {
  switch (same_site) {
    case v1::SAME_SITE_UNSPECIFIED:
    case v1::SAME_SITE_LAX:
      return SameSite::kLax;
    case v1::SAME_SITE_STRICT:
      return SameSite::kStrict;
    case v1::SAME_SITE_NONE:
      return SameSite::kNone;
    default:
      report.Add(path, "is not known", "give LAX, STRICT or NONE");
      return SameSite::kLax;
  }
}

std::string_view Name(SameSite same_site) {
  switch (same_site) {
    case SameSite::kLax:
      return "LAX";
    case SameSite::kStrict:
      return "STRICT";
    case SameSite::kNone:
      return "NONE";
  }
  return "";
}

v1::SameSite ToMessage(SameSite same_site) {
  switch (same_site) {
    case SameSite::kLax:
      return v1::SAME_SITE_LAX;
    case SameSite::kStrict:
      return v1::SAME_SITE_STRICT;
    case SameSite::kNone:
      return v1::SAME_SITE_NONE;
  }
  return v1::SAME_SITE_UNSPECIFIED;
}

}  // namespace fairlead::config
