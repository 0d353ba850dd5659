#pragma once

#include <optional>
#include <string_view>

#include "pkg/http1/fields.h"

namespace fairlead::route {

// The value of the first cookie of that name (RFC 6265 §4.2.1, §5.4), without quotes around it. Names are
// compared byte for byte. Nothing when the request has none.
std::optional<std::string_view> FindCookie(const http1::Fields& headers, std::string_view name);

}  // namespace fairlead::route
