#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead::config {

// Text that somebody else chose, for a message: on one line, printable, valid UTF-8, and cut off when it is
// longer than that many bytes.
std::string Printable(std::string_view text, size_t max_bytes = 80);

// The same in double quotes, at most 80 bytes of it.
std::string Quote(std::string_view text);

}  // namespace fairlead::config
