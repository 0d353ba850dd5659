#include "pkg/config/violation.h"

#include <fmt/format.h>

namespace fairlead::config {

std::string Violation::ToString() const {
  const std::string where = path.empty() ? "" : path + ": ";
  const std::string line_note = line == 0 ? "" : fmt::format(" (line {})", line);
  return fmt::format("{}{}, {}{}", where, problem, remedy, line_note);
}

}  // namespace fairlead::config
