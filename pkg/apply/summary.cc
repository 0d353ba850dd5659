#include "pkg/apply/summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace fairlead::apply {

std::string Summarize(const Impact& impact) {
  constexpr size_t kNamed = 3;
  if (impact.changed_total == 0) return "nothing changed";
  std::string text = fmt::format("{} changed: ", impact.changed_total);
  const size_t named = std::min(kNamed, impact.changed.size());
  text += fmt::format(
      "{}", fmt::join(impact.changed.begin(), impact.changed.begin() + static_cast<ptrdiff_t>(named), ", "));
  if (impact.changed_total > named) text += ", …";
  return text;
}

}  // namespace fairlead::apply
