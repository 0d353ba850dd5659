#include "pkg/proxy/set_cookie.h"

#include <fmt/format.h>

namespace fairlead::proxy {
namespace {

std::string_view ToString(config::SameSite same_site) {
  switch (same_site) {
    case config::SameSite::kLax:
      return "Lax";
    case config::SameSite::kStrict:
      return "Strict";
    case config::SameSite::kNone:
      return "None";
  }
  return "";
}

}  // namespace

std::string SetCookie(std::string_view name, std::string_view value, const CookieRules& rules) {
  std::string line = fmt::format("{}={}; Path={}", name, value, rules.path);
  if (rules.ttl > base::Duration(0)) {
    line += fmt::format("; Max-Age={}", std::chrono::ceil<std::chrono::seconds>(rules.ttl).count());
  }
  line += fmt::format("; SameSite={}", ToString(rules.same_site));
  if (rules.secure) line += "; Secure";
  if (rules.http_only) line += "; HttpOnly";
  return line;
}

}  // namespace fairlead::proxy
