#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::config {

// The candidate that somebody who wrote `word` most likely meant; empty when none is near. Case, "_" and "-"
// count for nothing, otherwise one letter in three may differ.
std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace fairlead::config
