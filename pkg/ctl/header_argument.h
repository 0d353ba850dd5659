#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fairlead::ctl {

// A header as an argument: "name: value". Nothing when there is no name or no colon.
std::optional<std::pair<std::string, std::string>> ParseHeader(std::string_view text);

}  // namespace fairlead::ctl
