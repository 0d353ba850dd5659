#include "pkg/route/host_name.h"

#include <algorithm>

#include "pkg/http1/ascii.h"

namespace fairlead::route {

HostAndPort SplitHost(std::string_view value) {
  // The colons of an IPv6 address are inside its brackets.
  const size_t from = !value.empty() && value.front() == '[' ? value.find(']') : 0;
  if (from == std::string_view::npos) return {value, {}};
  const size_t colon = value.find(':', from);
  if (colon == std::string_view::npos) return {value, {}};
  return {value.substr(0, colon), value.substr(colon)};
}

std::string MatchName(std::string_view value) {
  std::string name(SplitHost(value).host);
  if (name.ends_with('.')) name.pop_back();
  std::transform(name.begin(), name.end(), name.begin(), http1::ToLower);
  return name;
}

}  // namespace fairlead::route
