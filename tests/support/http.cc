#include "tests/support/http.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <strings.h>

#include <cstdlib>

namespace fairlead::testing {

int Head::status() const {
  return text_.starts_with("HTTP/1.1 ") ? std::atoi(text_.c_str() + 9) : 0;
}

std::optional<std::string> Head::Get(std::string_view name) const {
  for (size_t line = text_.find("\r\n"); line != std::string::npos; line = text_.find("\r\n", line + 2)) {
    const size_t begin = line + 2;
    const size_t value = begin + name.size() + 2;
    if (value > text_.size() || text_[value - 2] != ':') continue;
    if (::strncasecmp(text_.data() + begin, name.data(), name.size()) != 0) continue;
    return text_.substr(value, text_.find("\r\n", begin) - value);
  }
  return std::nullopt;
}

Response ReceiveResponse(Socket& socket, std::string_view method) {
  Response response{.head = Head::Receive(socket), .body = ""};
  while (response.head.status() / 100 == 1 && response.head.status() != 101) {
    response.head = Head::Receive(socket);
  }
  const int status = response.head.status();
  if (method == "HEAD" || status == 101 || status == 204 || status == 304) return response;
  if (response.head.Get("Transfer-Encoding")) {
    std::string trailers;
    response.body = ReceiveChunked(socket, &trailers);
  } else if (const auto length = response.head.Get("Content-Length")) {
    response.body = socket.Receive(std::strtoull(length->c_str(), nullptr, 10));
  } else {
    response.body = socket.ReceiveToEnd();
  }
  return response;
}

std::string ReceiveChunked(Socket& socket, std::string* trailers) {
  std::string body;
  while (true) {
    const std::string line = socket.ReceiveThrough("\r\n");
    const size_t size = std::strtoull(line.c_str(), nullptr, 16);
    if (size == 0) break;
    body += socket.Receive(size);
    EXPECT_EQ(socket.Receive(2), "\r\n");
  }
  for (std::string line; (line = socket.ReceiveThrough("\r\n")) != "\r\n" && !line.empty();)
    *trailers += line;
  return body;
}

std::string GetRequest(std::string_view path, std::string_view headers, std::string_view host) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", path, host, headers);
}

std::string OkResponse(std::string_view body, std::string_view headers) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), headers, body);
}

std::string UpgradeRequest(std::string_view path, std::string_view headers, std::string_view host) {
  return GetRequest(path,
                    fmt::format("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}",
                                headers),
                    host);
}

std::string UpgradeResponse() {
  return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
}

}  // namespace fairlead::testing
