#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::testing {

// The bytes that a line of a case file stands for, by the escapes of README.md; `value` takes the place of
// `\@`. Nothing where it is malformed, with *error saying why. `*used` is set where the value was asked for.
std::optional<std::string> Unescape(std::string_view line, std::string_view value, bool* used,
                                    std::string* error);

}  // namespace fairlead::testing
