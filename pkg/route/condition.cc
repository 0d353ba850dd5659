#include "pkg/route/condition.h"

#include <optional>
#include <string_view>

#include "pkg/http1/ascii.h"
#include "pkg/route/query.h"

namespace fairlead::route {
namespace {

// Takes `prefix` off the front of `text`, where it is there.
bool Consume(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// Whether the lines of `name`, joined by ", ", are `expected`; with nothing expected, whether there are any.
bool HeaderHolds(const http1::Fields& headers, const config::ValueMatch& match) {
  bool found = false;
  std::string_view left = match.exact ? std::string_view(*match.exact) : std::string_view();
  for (const http1::Field& header : headers) {
    if (!http1::EqualsIgnoreCase(header.name, match.name)) continue;
    if (!match.exact) return true;
    if (found && !Consume(&left, ", ")) return false;
    if (!Consume(&left, header.value)) return false;
    found = true;
  }
  return found && left.empty();
}

bool ParameterHolds(std::string_view query, const config::ValueMatch& match) {
  const std::optional<std::string_view> value = FindParameter(query, match.name);
  return value && (!match.exact || DecodesTo(*value, *match.exact));
}

}  // namespace

Condition::Condition(const config::RouteMatch& match)
    : method_(match.method), headers_(match.headers), query_(match.query) {}

bool Condition::Holds(const RequestView& request) const {
  if (!method_.empty() && method_ != request.method) return false;
  for (const config::ValueMatch& header : headers_) {
    if (!HeaderHolds(request.headers, header)) return false;
  }
  for (const config::ValueMatch& parameter : query_) {
    if (!ParameterHolds(request.query, parameter)) return false;
  }
  return true;
}

std::tuple<bool, size_t, size_t> Condition::Specificity() const {
  return {!method_.empty(), headers_.size(), query_.size()};
}

}  // namespace fairlead::route
