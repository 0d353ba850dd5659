#pragma once

#include <string_view>

namespace fairlead::http1 {

// The phrase of a registered status code; empty for any other.
std::string_view ReasonPhrase(int status);

// Whether the code is registered: what a backend invents must not become a metric label.
bool KnownStatus(int status);

}  // namespace fairlead::http1
