#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/bench/wire.h"

namespace fairlead::bench {

/// One WebSocket opening handshake over HTTP/1.1, as a client makes it (RFC 6455, 4.1), with the key of
/// the RFC's own example. Writes the request once the socket is connected, then gathers the answer.
class Handshake {
 public:
  enum class Progress { kUnderWay, kOpen, kRefused };

  /// A user with a number says it, in the query.
  explicit Handshake(uint16_t port, std::optional<size_t> user = {}) : port_(port), user_(user) {}

  /// Call whenever `fd` is ready in either direction. kRefused: anything but the right 101, alone, is in
  /// answer(); or there is none, and errno says why.
  Progress Try(Wire& wire, int fd);

  /// As Try; true once the tunnel is open. A refusal ends the process: a benchmark has no use for half a
  /// result.
  bool Continue(Wire& wire, int fd);

  /// What has come back so far.
  std::string_view answer() const { return head_; }

 private:
  Progress SendRequest(Wire& wire, int fd);

  const uint16_t port_;
  const std::optional<size_t> user_;
  bool sent_ = false;
  std::string head_;
};

}  // namespace fairlead::bench
