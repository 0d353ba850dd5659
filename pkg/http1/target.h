#pragma once

#include <optional>
#include <string_view>

namespace fairlead::http1 {

// The parts of a request target. Views into it.
struct Target {
  std::string_view authority;  // of an absolute form, not yet checked; otherwise empty
  std::string_view path;       // "/…" or "*"; empty in an absolute form without a path
  std::string_view query;      // with its '?'; empty when there is none
};

// Takes the origin form, the absolute form with http or https, and "*" with OPTIONS (RFC 9112 §3.2). Nothing
// for anything else, and for what two servers could understand in two ways: a fragment, a byte outside
// visible ASCII; in the path a backslash, a bad escape, an escaped NUL, or a segment that is "." or ".." once
// escapes (also of the slashes around it) and path parameters are undone.
std::optional<Target> ParseTarget(std::string_view method, std::string_view text);

}  // namespace fairlead::http1
