#pragma once

#include <string_view>

namespace fairlead::app {

// The version of CMakeLists.txt, and the commit that was checked out when the build was configured.
std::string_view Version();
std::string_view Commit();

}  // namespace fairlead::app
