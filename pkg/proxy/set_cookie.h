#pragma once

#include <string>
#include <string_view>

#include "pkg/base/clock.h"
#include "pkg/config/resilience.h"

namespace fairlead::proxy {

// How a client is to keep a cookie.
struct CookieRules {
  std::string_view path;
  base::Duration ttl{0};  // zero = until the client is closed; rounded up to seconds
  config::SameSite same_site = config::SameSite::kLax;
  bool secure = false;
  bool http_only = true;
};

// The value of a Set-Cookie line (RFC 6265 §4.1.1; SameSite from its revision). All parts are valid: they
// come from checked configuration and from us.
std::string SetCookie(std::string_view name, std::string_view value, const CookieRules& rules);

}  // namespace fairlead::proxy
