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

std::optional<std::string_view> FindIn(std::string_view line, std::string_view name) {
  while (!line.empty()) {
    const size_t end = std::min(line.find(';'), line.size());
    const std::string_view pair = Trimmed(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || Trimmed(pair.substr(0, equals)) != name) continue;
    std::string_view value = Trimmed(pair.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> FindCookie(const Fields& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (!EqualsIgnoreCase(field.name, "Cookie")) continue;
    if (const auto value = FindIn(field.value, name)) return value;
  }
  return std::nullopt;
}

}  // namespace fairlead::http1
