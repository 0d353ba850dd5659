#include "pkg/route/redirect.h"

#include "pkg/http1/ascii.h"
#include "pkg/route/host_name.h"

namespace fairlead::route {

std::string Location(const config::Redirect& redirect, std::string_view scheme, const RequestView& request) {
  std::string_view path = redirect.path.empty() ? request.path : std::string_view(redirect.path);
  if (path == "*") path = "/";
  const std::string_view new_scheme = redirect.scheme.empty() ? scheme : std::string_view(redirect.scheme);
  const HostAndPort requested = SplitHost(request.host);
  std::string_view host = requested.host, port;
  if (!redirect.host.empty()) {
    host = redirect.host;
  } else if (http1::EqualsIgnoreCase(new_scheme, scheme)) {
    port = requested.port;
  }
  std::string location;
  if (!host.empty()) {
    location.append(new_scheme).append("://").append(host).append(port);
  } else if (path.starts_with("//")) {
    // A reference that began with two slashes would name a host (RFC 3986 §4.2), one of the client's choice.
    location = "/.";
  }
  location.append(path);
  if (request.query.empty()) return location;
  return location.append(path.find('?') == std::string_view::npos ? "?" : "&").append(request.query);
}

}  // namespace fairlead::route
