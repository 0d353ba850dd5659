#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fairlead::route {

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

// Keyed by strings, looked up by views of them without a copy.
template <typename Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

}  // namespace fairlead::route
