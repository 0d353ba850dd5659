#pragma once

#include <optional>
#include <string_view>

namespace fairlead::route {

// The first value of a parameter in a query such as "a=1&b=two%20words", as it stands; a parameter without
// "=" has the empty value. `name` is plain text, the query's names are decoded. Nothing when the parameter is
// not there.
std::optional<std::string_view> FindParameter(std::string_view query, std::string_view name);

// Whether `encoded` decodes to `plain`, the way HTML forms are encoded (WHATWG URL §5.1): "+" is a space,
// "%XX" a byte, a percent sign without two hex digits itself.
bool DecodesTo(std::string_view encoded, std::string_view plain);

}  // namespace fairlead::route
