#include "tests/bench/handshake.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fairlead::bench {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr size_t kMaxHeadBytes = 4096;

bool IsRight(std::string_view head) {
  const bool right = head.starts_with("HTTP/1.1 101 ") && head.find(kAccept) != std::string_view::npos;
  const bool alone = head.find("\r\n\r\n") + 4 == head.size();
  return right && alone;
}

}  // namespace

Handshake::Progress Handshake::SendRequest(Wire& wire, int fd) {
  // The fields a browser would not leave out, and a few that make the head as long as a browser's.
  const std::string query = user_ ? "?user=" + std::to_string(*user_) : "";
  const std::string request = "GET /bench" + query + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                              "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              "Origin: http://127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
                              "Accept-Encoding: gzip, deflate\r\nAccept-Language: en\r\n"
                              "Cache-Control: no-cache\r\nPragma: no-cache\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                              std::string(kKey) + "\r\n\r\n";
  const ssize_t written = wire.Send(fd, request);
  if (written < 0 && errno == EAGAIN) return Progress::kUnderWay;  // TLS is not that far
  sent_ = true;
  return written == static_cast<ssize_t>(request.size()) ? Progress::kUnderWay : Progress::kRefused;
}

Handshake::Progress Handshake::Try(Wire& wire, int fd) {
  if (!sent_) return SendRequest(wire, fd);
  std::array<char, kMaxHeadBytes> buffer;
  const ssize_t bytes = wire.Receive(fd, buffer.data(), buffer.size());
  if (bytes < 0 && errno == EAGAIN) return Progress::kUnderWay;
  if (bytes == 0) errno = ECONNRESET;
  if (bytes <= 0) return Progress::kRefused;
  head_.append(buffer.data(), static_cast<size_t>(bytes));
  if (head_.find("\r\n\r\n") != std::string::npos) {
    return IsRight(head_) ? Progress::kOpen : Progress::kRefused;
  }
  return head_.size() < kMaxHeadBytes ? Progress::kUnderWay : Progress::kRefused;
}

bool Handshake::Continue(Wire& wire, int fd) {
  const Progress progress = Try(wire, fd);
  if (progress == Progress::kRefused) {
    std::fprintf(stderr, "not the 101 we need: %s\n", head_.empty() ? std::strerror(errno) : head_.c_str());
    std::exit(1);
  }
  return progress == Progress::kOpen;
}

}  // namespace fairlead::bench
