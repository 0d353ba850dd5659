#include "pkg/http1/authority.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "pkg/base/address.h"
#include "pkg/http1/ascii.h"

namespace fairlead::http1 {

namespace {

constexpr size_t kMaxHostBytes = 255;  // of a DNS name in text, RFC 1035 §2.3.4

bool IsHostByte(char c) {
  return IsAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool ValidHost(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  if (host.front() != '[') return std::all_of(host.begin(), host.end(), IsHostByte);
  const std::string_view address = host.substr(1, host.size() - 2);
  return host.back() == ']' && address.find(':') != std::string_view::npos &&
         base::IpAddress::Parse(address).has_value();
}

bool ValidPort(std::string_view port) {
  constexpr uint32_t kMaxPort = 65535;
  uint32_t number = 0;
  const char* const end = port.data() + port.size();
  const std::from_chars_result parsed = std::from_chars(port.data(), end, number);
  return port.empty() ||
         (port.size() <= 5 && parsed.ec == std::errc() && parsed.ptr == end && number <= kMaxPort);
}

}  // namespace

std::optional<Authority> ParseAuthority(std::string_view text) {
  // The colons of an IPv6 literal are inside its brackets: the port's is the first behind them.
  const size_t bracket = text.find(']');
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const Authority parts{text.substr(0, colon),
                        colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1)};
  if (!ValidHost(parts.host) || !ValidPort(parts.port)) return std::nullopt;
  return parts;
}

}  // namespace fairlead::http1
