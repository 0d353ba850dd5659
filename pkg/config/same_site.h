#pragma once

#include <string_view>

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
enum SameSite : int;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// SameSite of a cookie, as the message and the file have it.
SameSite ReadSameSite(v1::SameSite same_site, const Path& path, Report& report);
std::string_view Name(SameSite same_site);
v1::SameSite ToMessage(SameSite same_site);

}  // namespace fairlead::config
