#pragma once

#include <optional>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "pkg/http1/fields.h"

namespace fairlead::http1 {

// The value of the first cookie of that name in the Cookie lines of a request (RFC 6265 §4.2.1), without the
// double quotes that may be around it. Names are case-sensitive.
std::optional<std::string_view> FindCookie(const Fields& fields, std::string_view name);

// Calls `visit` with the value of each cookie of that name, in their order, while it returns true.
void ForEachCookie(const Fields& fields, std::string_view name,
                   absl::FunctionRef<bool(std::string_view)> visit);

}  // namespace fairlead::http1
