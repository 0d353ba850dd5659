#include "tests/bench/handshake.h"

#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/net.h"

namespace fairlead::bench {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr size_t kMaxHeadBytes = 4096;

[[noreturn]] void Refuse(std::string_view head) {
  std::fprintf(stderr, "not the 101 we need: %.*s\n", static_cast<int>(head.size()), head.data());
  std::exit(1);
}

void CheckHead(std::string_view head) {
  const bool right = head.starts_with("HTTP/1.1 101 ") && head.find(kAccept) != std::string_view::npos;
  const bool alone = head.find("\r\n\r\n") + 4 == head.size();
  if (!right || !alone) Refuse(head);
}

}  // namespace

void Handshake::SendRequest(int fd) {
  // The fields a browser would not leave out, and a few that make the head as long as a browser's.
  const std::string request = "GET /bench HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                              "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              "Origin: http://127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
                              "Accept-Encoding: gzip, deflate\r\nAccept-Language: en\r\n"
                              "Cache-Control: no-cache\r\nPragma: no-cache\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                              std::string(kKey) + "\r\n\r\n";
  const ssize_t written = send(fd, request.data(), request.size(), MSG_NOSIGNAL);
  if (written != static_cast<ssize_t>(request.size())) Die("sending the request");
  sent_ = true;
}

bool Handshake::Continue(int fd) {
  if (!sent_) {
    SendRequest(fd);
    return false;
  }
  std::array<char, kMaxHeadBytes> buffer;
  head_.append(buffer.data(), ReadSome(fd, buffer.data(), buffer.size()));
  if (head_.find("\r\n\r\n") == std::string::npos) {
    if (head_.size() >= kMaxHeadBytes) Refuse(head_);
    return false;
  }
  CheckHead(head_);
  return true;
}

}  // namespace fairlead::bench
