#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::http1 {

// A web origin (RFC 6454 §6.2, §7): scheme, host and port. Returns it as one text for each origin, however it
// was written: lower case, and without the port that goes without saying. "null" stands for itself. Nothing
// for anything else, a list among it.
std::optional<std::string> NormalizeOrigin(std::string_view text);

}  // namespace fairlead::http1
