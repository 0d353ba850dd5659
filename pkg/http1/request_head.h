#pragma once

#include <string_view>

#include "pkg/http1/fields.h"
#include "pkg/http1/framing.h"

namespace fairlead::http1 {

// A request head that passed every check. All views live in the reader that parsed it.
struct RequestHead {
  std::string_view method;  // a token, case-sensitive; never CONNECT
  // Origin form ("/path?query") or "*"; an absolute form is already turned into this. Not percent-decoded.
  std::string_view target;
  std::string_view path;   // the target up to the first '?'
  std::string_view query;  // what follows the '?'; empty when there is none
  // The authority: of the absolute form, else of Host; valid, "host" or "host:port". The Host among the
  // fields says the same. Empty only with HTTP/1.0.
  std::string_view host;
  int minor_version = 1;         // 0 or 1
  bool keep_alive = true;        // the client allows a next request on the connection (RFC 9112 §9.3)
  bool expect_continue = false;  // it waits for a 100 before it sends the body (RFC 9110 §10.1.1)
  // The protocols it asks to upgrade to, a list in order of preference ("websocket", "a/1, b"). Empty when it
  // asks for none, or asks in a way that is to be ignored: without `Connection: upgrade`, or with HTTP/1.0
  // (RFC 9110 §7.8). A request with an upgrade has no body.
  std::string_view upgrade;
  BodyFraming body;  // kNone, kContentLength or kChunked
  Fields fields;  // all of them, as they came, save the Expect of an HTTP/1.0 request, which is not for the
                  // next hop
};

}  // namespace fairlead::http1
