#pragma once

#include <string_view>

namespace fairlead::base {

// Whether what is sent to that address, "unix:/path" or "host:port", does not leave the host. Of names only
// "localhost" does not.
bool IsOnThisHost(std::string_view address);

}  // namespace fairlead::base
