#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace fairlead::admin {

// A GET or a HEAD; a handler need not tell them apart.
struct HttpRequest {
  std::string_view path;  // as it came: not decoded, without the query
  std::string_view host;  // "name", "name:port"; empty only with HTTP/1.0
};

struct HttpResponse {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";  // a literal
  std::string body{};
};

// Called on the server's thread, one request at a time: meanwhile others wait.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

}  // namespace fairlead::admin
