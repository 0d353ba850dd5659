#pragma once

#include <string_view>

namespace fairlead::demo {

// The demo page: HTML, style and script in one, nothing fetched from elsewhere. It opens WebSockets to `ws`
// beside its own address, so it works behind any prefix, and expects there what EchoSocket sends.
std::string_view Page();

}  // namespace fairlead::demo
