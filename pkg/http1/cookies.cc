#include "pkg/http1/cookies.h"

#include <algorithm>

#include "pkg/http1/ascii.h"

namespace fairlead::http1 {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// False once `visit` has had enough.
bool VisitIn(std::string_view line, std::string_view name, absl::FunctionRef<bool(std::string_view)> visit) {
  while (!line.empty()) {
    const size_t end = std::min(line.find(';'), line.size());
    const std::string_view pair = Trimmed(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || Trimmed(pair.substr(0, equals)) != name) continue;
    std::string_view value = Trimmed(pair.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (!visit(value)) return false;
  }
  return true;
}

}  // namespace

void ForEachCookie(const Fields& fields, std::string_view name,
                   absl::FunctionRef<bool(std::string_view)> visit) {
  for (const Field& field : fields) {
    if (EqualsIgnoreCase(field.name, "Cookie") && !VisitIn(field.value, name, visit)) return;
  }
}

std::optional<std::string_view> FindCookie(const Fields& fields, std::string_view name) {
  std::optional<std::string_view> found;
  ForEachCookie(fields, name, [&](std::string_view value) {
    found = value;
    return false;
  });
  return found;
}

}  // namespace fairlead::http1
