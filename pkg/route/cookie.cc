#include "pkg/route/cookie.h"

#include <algorithm>

#include "pkg/http1/ascii.h"

namespace fairlead::route {
namespace {

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> FindInLine(std::string_view line, std::string_view name) {
  while (!line.empty()) {
    const size_t end = std::min(line.find(';'), line.size());
    const std::string_view pair = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || Trim(pair.substr(0, equals)) != name) continue;
    std::string_view value = Trim(pair.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> FindCookie(const http1::Fields& headers, std::string_view name) {
  for (const http1::Field& field : headers) {
    if (!http1::EqualsIgnoreCase(field.name, "cookie")) continue;
    if (const auto value = FindInLine(field.value, name)) return value;
  }
  return std::nullopt;
}

}  // namespace fairlead::route
