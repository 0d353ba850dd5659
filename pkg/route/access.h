#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/address.h"
#include "pkg/config/config.h"
#include "pkg/http1/fields.h"

namespace fairlead::route {

// Which pages may ask here. A page's script cannot forge Origin (RFC 6454 §7.3), and no check but this keeps
// it from opening a WebSocket with the user's cookies (RFC 6455 §10.2).
class OriginRules {
 public:
  explicit OriginRules(const config::OriginRules& rules);

  // Several Origin lines, or one that is no origin, are as good as a foreign one.
  bool Allow(const http1::Fields& request) const;

 private:
  // "https://" and ".example.com:8443" of "https://*.example.com:8443".
  struct Wildcard {
    std::string front;
    std::string back;
  };

  bool Lists(std::string_view origin) const;

  std::vector<std::string> exact_;
  std::vector<Wildcard> wildcards_;
  bool required_;
};

// Which clients may ask here.
class AddressRules {
 public:
  explicit AddressRules(const config::AddressRules& rules) : rules_(rules) {}

  // Nothing for a client without an address: it is in no list.
  bool Allow(const std::optional<base::IpAddress>& client) const;

 private:
  config::AddressRules rules_;
};

}  // namespace fairlead::route
