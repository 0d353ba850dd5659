#include "pkg/http1/target.h"

#include <algorithm>

#include "pkg/http1/ascii.h"

namespace fairlead::http1 {

namespace {

bool IsTargetByte(char c) {
  return c > 0x20 && c < 0x7f && c != '#';
}

// Whether an escape of that (lower-case) hexadecimal code stands at the front.
bool StartsWithEscape(std::string_view text, std::string_view code) {
  return text.size() >= 3 && text[0] == '%' && EqualsIgnoreCase(text.substr(1, 2), code);
}

bool ValidEscapes(std::string_view path) {
  for (size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 3)) {
    if (at + 2 >= path.size()) return false;
    const std::string_view code = path.substr(at + 1, 2);
    if (!IsHexDigit(code[0]) || !IsHexDigit(code[1]) || code == "00") return false;
  }
  return true;
}

// How many bytes of a separator of path segments stand at the front, 0 for none. Some servers undo the
// escapes of slashes before they resolve dot segments, so an escaped slash may turn out to be one.
size_t SeparatorSize(std::string_view text) {
  if (text.front() == '/') return 1;
  return StartsWithEscape(text, "2f") || StartsWithEscape(text, "5c") ? 3 : 0;
}

bool IsDotSegment(std::string_view segment) {
  int dots = 0;
  // Some servers cut a segment's parameters off before they look at it: "/..;x/" climbs there.
  while (!segment.empty() && segment.front() != ';') {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (StartsWithEscape(segment, "2e")) {
      segment.remove_prefix(3);
    } else {
      return false;
    }
    ++dots;
  }
  return dots == 1 || dots == 2;
}

bool HasDotSegment(std::string_view path) {
  size_t start = 0;
  for (size_t at = 0; at < path.size();) {
    const size_t separator = SeparatorSize(path.substr(at));
    if (separator == 0) {
      ++at;
      continue;
    }
    if (IsDotSegment(path.substr(start, at - start))) return true;
    at += separator;
    start = at;
  }
  return IsDotSegment(path.substr(start));
}

bool ValidPath(std::string_view path) {
  if (path.find('\\') != std::string_view::npos) return false;
  const bool escapes = path.find('%') != std::string_view::npos;
  if (escapes && !ValidEscapes(path)) return false;
  return (!escapes && path.find('.') == std::string_view::npos) || !HasDotSegment(path);
}

// Returns what follows "http://" or "https://"; nothing for another scheme.
std::optional<std::string_view> AfterScheme(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (StartsWithIgnoreCase(text, scheme)) return text.substr(scheme.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<Target> ParseTarget(std::string_view method, std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), IsTargetByte)) return std::nullopt;
  if (text == "*") return method == "OPTIONS" ? std::optional<Target>({{}, text, {}}) : std::nullopt;
  Target target;
  if (text.front() != '/') {
    const std::optional<std::string_view> rest = AfterScheme(text);
    if (!rest.has_value()) return std::nullopt;
    target.authority = rest->substr(0, rest->find_first_of("/?"));
    if (target.authority.empty()) return std::nullopt;
    text = rest->substr(target.authority.size());
  }
  target.path = text.substr(0, text.find('?'));
  target.query = text.substr(target.path.size());
  if (!ValidPath(target.path)) return std::nullopt;
  return target;
}

}  // namespace fairlead::http1
