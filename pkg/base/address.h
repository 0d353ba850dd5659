#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace fairlead::base {

// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (::ffff:a.b.c.d, RFC 4291 §2.5.5.2) is folded to IPv4,
// so that a client is the same client whichever kind of listener took it.
class IpAddress {
 public:
  // "192.0.2.1" or "2001:db8::1", without brackets, port or scope.
  static std::optional<IpAddress> Parse(std::string_view text);
  static IpAddress V4(const std::array<uint8_t, 4>& bytes);
  static IpAddress V6(const std::array<uint8_t, 16>& bytes);

  bool is_v4() const { return size_ == 4; }
  // 4 or 16 bytes, network order.
  std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), size_}; }
  std::string ToString() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<uint8_t, 16> bytes_{};
  uint8_t size_ = 4;
};

// An address prefix: "10.0.0.0/8", "2001:db8::/32"; a bare address is a prefix of its whole length.
class Cidr {
 public:
  // Nothing when the text is no prefix, its length is out of range, or bits behind the length are set.
  static std::optional<Cidr> Parse(std::string_view text);

  bool Contains(const IpAddress& address) const;
  std::string ToString() const;

  friend bool operator==(const Cidr&, const Cidr&) = default;

 private:
  IpAddress network_;
  unsigned bits_ = 0;
};

struct IpPort {
  IpAddress ip;
  uint16_t port = 0;  // 0 = chosen by the kernel when bound

  friend bool operator==(const IpPort&, const IpPort&) = default;
};

struct UnixPath {
  std::string path;  // absolute, at most 107 bytes

  friend bool operator==(const UnixPath&, const UnixPath&) = default;
};

// Where a socket listens or connects: "192.0.2.1:80", "[2001:db8::1]:80" or "unix:/run/app.sock".
class SocketAddress {
 public:
  SocketAddress() : value_(IpPort{}) {}
  explicit SocketAddress(IpPort value) : value_(value) {}
  explicit SocketAddress(UnixPath value) : value_(std::move(value)) {}

  static std::optional<SocketAddress> Parse(std::string_view text);
  // From what accept(2) or getsockname(2) filled in. A client's unix socket has no name: the path is empty.
  static SocketAddress FromNative(const sockaddr_storage& native, socklen_t length);
  socklen_t ToNative(sockaddr_storage* native) const;

  bool is_unix() const { return std::holds_alternative<UnixPath>(value_); }
  const IpPort* ip_port() const { return std::get_if<IpPort>(&value_); }
  const UnixPath* unix_path() const { return std::get_if<UnixPath>(&value_); }
  std::string ToString() const;  // what Parse takes

  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;

 private:
  std::variant<IpPort, UnixPath> value_;
};

}  // namespace fairlead::base
