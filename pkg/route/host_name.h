#pragma once

#include <string>
#include <string_view>

namespace fairlead::route {

// A Host value ("chat.example.com:8080", "[::1]:8080") in its two parts, as they stand.
struct HostAndPort {
  std::string_view host;  // an IPv6 address keeps its brackets
  std::string_view port;  // with the colon in front; empty where there is none
};
HostAndPort SplitHost(std::string_view value);

// The name that a Host value is matched by: lower case, without port and without a trailing dot.
std::string MatchName(std::string_view value);

}  // namespace fairlead::route
