#include "pkg/base/on_this_host.h"

#include "pkg/base/address.h"

namespace fairlead::base {

bool IsOnThisHost(std::string_view address) {
  if (address.starts_with("unix:") || address.starts_with("localhost:")) return true;
  const auto parsed = SocketAddress::Parse(address);
  if (!parsed || parsed->ip_port() == nullptr) return false;
  const IpAddress& ip = parsed->ip_port()->ip;
  return Cidr::Parse("127.0.0.0/8")->Contains(ip) || Cidr::Parse("::1/128")->Contains(ip);
}

}  // namespace fairlead::base
