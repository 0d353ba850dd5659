#pragma once

#include <optional>
#include <string_view>

#include "pkg/base/address.h"
#include "pkg/http1/fields.h"

namespace fairlead::route {

// A request as routing sees it: views into whatever the caller parsed it from, for the length of a call.
struct RequestView {
  std::string_view method = {};
  // As the client sent it: any case, with or without port; empty where HTTP/1.0 sent none.
  std::string_view host = {};
  // As sent, without the query; "*" for OPTIONS *.
  std::string_view path = {};
  // As sent, without the question mark.
  std::string_view query = {};
  const http1::Fields& headers;
  // Who is believed to ask; nothing for a client on a unix socket.
  std::optional<base::IpAddress> client = {};
};

}  // namespace fairlead::route
