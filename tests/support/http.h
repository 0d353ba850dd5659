#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/socket.h"

// HTTP as a test writes and reads it: by hand, with nothing of the code under test.

namespace fairlead::testing {

// The head of a message, as it came.
class Head {
 public:
  explicit Head(std::string text) : text_(std::move(text)) {}
  // The next one on the connection.
  static Head Receive(Socket& socket) { return Head(socket.ReceiveThrough("\r\n\r\n")); }

  const std::string& text() const { return text_; }
  // "GET / HTTP/1.1", "HTTP/1.1 200 OK".
  std::string first_line() const { return text_.substr(0, text_.find("\r\n")); }
  // Of a response; 0 where it is none.
  int status() const;
  // The value of the first line of that name, in any case; nothing where there is none.
  std::optional<std::string> Get(std::string_view name) const;

 private:
  std::string text_;
};

struct Response {
  Head head;
  std::string body;  // dechunked, without trailers
};

// The whole answer to a request; `method` tells whether it has a body. Interim answers are skipped.
Response ReceiveResponse(Socket& socket, std::string_view method = "GET");
// A chunked body, dechunked. Trailer lines go to *trailers.
std::string ReceiveChunked(Socket& socket, std::string* trailers);

// "GET PATH HTTP/1.1" with a Host and these header lines, each with its line end.
std::string GetRequest(std::string_view path, std::string_view headers = "",
                       std::string_view host = "app.example.com");
// An answer with a Content-Length.
std::string OkResponse(std::string_view body, std::string_view headers = "");

// A WebSocket handshake, with the key of RFC 6455 §1.3, and what answers it.
std::string UpgradeRequest(std::string_view path = "/ws", std::string_view headers = "",
                           std::string_view host = "app.example.com");
std::string UpgradeResponse();

}  // namespace fairlead::testing
