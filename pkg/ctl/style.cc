#include "pkg/ctl/style.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace fairlead::ctl {
namespace {

std::string_view Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The code of ECMA-48 SGR.
int CodeOf(Tint tint) {
  switch (tint) {
    case Tint::kNone:
      return 0;
    case Tint::kGood:
      return 32;
    case Tint::kWarning:
      return 33;
    case Tint::kBad:
      return 31;
    case Tint::kFaint:
      return 2;
    case Tint::kStrong:
      return 1;
  }
  return 0;
}

}  // namespace

Style Style::OfStandardOutput() {
  return Style(::isatty(STDOUT_FILENO) != 0 && Environment("NO_COLOR").empty() &&
               Environment("TERM") != "dumb");
}

std::string Style::Paint(Tint tint, std::string_view text) const {
  if (!colours_ || tint == Tint::kNone || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", CodeOf(tint), text);
}

std::string Printable(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
      '?');
  return result;
}

}  // namespace fairlead::ctl
