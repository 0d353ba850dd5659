#include "pkg/http1/origin.h"

#include <algorithm>

#include "pkg/http1/ascii.h"
#include "pkg/http1/authority.h"

namespace fairlead::http1 {
namespace {

// RFC 3986 §3.1.
bool IsScheme(std::string_view text) {
  const auto follows = [](char c) { return IsAlphanumeric(c) || c == '+' || c == '-' || c == '.'; };
  return !text.empty() && !IsDigit(text.front()) && IsAlphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), follows);
}

// A browser never writes it out, a person may.
bool IsUsualPort(std::string_view scheme, std::string_view port) {
  return (scheme == "https" && port == "443") || (scheme == "http" && port == "80");
}

}  // namespace

std::optional<std::string> NormalizeOrigin(std::string_view text) {
  constexpr std::string_view kSeparator = "://";
  if (text == "null") return std::string(text);
  std::string origin(text);
  std::transform(origin.begin(), origin.end(), origin.begin(), ToLower);
  const size_t separator = origin.find(kSeparator);
  if (separator == std::string::npos) return std::nullopt;
  const std::string_view scheme = std::string_view(origin).substr(0, separator);
  const std::string_view rest = std::string_view(origin).substr(separator + kSeparator.size());
  const std::optional<Authority> authority = ParseAuthority(rest);
  const bool dangling = rest.ends_with(':');
  if (!IsScheme(scheme) || !authority || dangling) return std::nullopt;
  if (IsUsualPort(scheme, authority->port)) origin.resize(origin.size() - authority->port.size() - 1);
  return origin;
}

}  // namespace fairlead::http1
