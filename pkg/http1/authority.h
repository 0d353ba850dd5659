#pragma once

#include <optional>
#include <string_view>

namespace fairlead::http1 {

// The parts of "host", "host:port" or "[2001:db8::1]:port". Views into the text.
struct Authority {
  std::string_view host;  // with the brackets of an IPv6 literal; never empty
  std::string_view port;  // digits, at most 65535; may be empty
};

// What Host and the absolute form may hold (RFC 9110 §4.2, §7.2), narrowed to what names a host in practice:
// letters, digits, "-._~", or an IPv6 literal. No userinfo, no escapes, no zone.
std::optional<Authority> ParseAuthority(std::string_view text);

}  // namespace fairlead::http1
