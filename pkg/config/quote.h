#pragma once

#include <string>
#include <string_view>

namespace fairlead::config {

// Text from a configuration for a message: on one line, printable, and cut off when it is long.
std::string Printable(std::string_view text);

// The same in double quotes.
std::string Quote(std::string_view text);

}  // namespace fairlead::config
