#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::bench {

/// One WebSocket opening handshake over HTTP/1.1, as a client makes it (RFC 6455, 4.1), with the key of
/// the RFC's own example. Writes the request once the socket is connected, then gathers the answer.
/// Anything but the right 101, alone, ends the process: a benchmark has no use for half a result.
class Handshake {
 public:
  explicit Handshake(uint16_t port) : port_(port) {}

  /// Call whenever `fd` is ready in either direction. True once the tunnel is open.
  bool Continue(int fd);

 private:
  void SendRequest(int fd);

  const uint16_t port_;
  bool sent_ = false;
  std::string head_;
};

}  // namespace fairlead::bench
