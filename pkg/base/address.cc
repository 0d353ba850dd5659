#include "pkg/base/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace fairlead::base {
namespace {

constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<unsigned> ParseNumber(std::string_view text, unsigned max) {
  if (text.size() > 1 && text[0] == '0') return std::nullopt;  // octal to some readers
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt;
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return V4({bytes[0], bytes[1], bytes[2], bytes[3]});
  }
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return V6(bytes);
  return std::nullopt;
}

IpAddress IpAddress::V4(const std::array<uint8_t, 4>& bytes) {
  IpAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::V6(const std::array<uint8_t, 16>& bytes) {
  if (std::memcmp(bytes.data(), kMappedPrefix, sizeof(kMappedPrefix)) == 0) {
    return V4({bytes[12], bytes[13], bytes[14], bytes[15]});
  }
  IpAddress address;
  address.bytes_ = bytes;
  address.size_ = 16;
  return address;
}

std::string IpAddress::ToString() const {
  // inet_ntop goes through sprintf, which takes as long as to parse a short request.
  if (is_v4()) return fmt::format("{}.{}.{}.{}", bytes_[0], bytes_[1], bytes_[2], bytes_[3]);
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, bytes_.data(), text, sizeof(text));
  return text;
}

std::optional<Cidr> Cidr::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<IpAddress> network = IpAddress::Parse(text.substr(0, slash));
  if (!network) return std::nullopt;
  Cidr cidr;
  cidr.network_ = *network;
  cidr.bits_ = network->bytes().size() * 8;
  if (slash == std::string_view::npos) return cidr;
  const std::optional<unsigned> bits = ParseNumber(text.substr(slash + 1), cidr.bits_);
  if (!bits) return std::nullopt;
  for (unsigned bit = *bits; bit < cidr.bits_; ++bit) {
    if (network->bytes()[bit / 8] & (0x80 >> (bit % 8))) return std::nullopt;
  }
  cidr.bits_ = *bits;
  return cidr;
}

bool Cidr::Contains(const IpAddress& address) const {
  const std::string_view ours = network_.bytes(), theirs = address.bytes();
  if (ours.size() != theirs.size()) return false;
  const unsigned whole = bits_ / 8;
  if (ours.substr(0, whole) != theirs.substr(0, whole)) return false;
  const unsigned rest = bits_ % 8;
  return rest == 0 || ((ours[whole] ^ theirs[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

std::string Cidr::ToString() const {
  return fmt::format("{}/{}", network_.ToString(), bits_);
}

std::optional<SocketAddress> SocketAddress::Parse(std::string_view text) {
  if (text.starts_with("unix:")) {
    text.remove_prefix(5);
    if (text.size() < 2 || text[0] != '/' || text.size() >= sizeof(sockaddr_un::sun_path))
      return std::nullopt;
    if (text.find('\0') != std::string_view::npos) return std::nullopt;
    return SocketAddress(UnixPath{std::string(text)});
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  const std::optional<IpAddress> ip = IpAddress::Parse(host);
  const std::optional<unsigned> port = ParseNumber(text.substr(colon + 1), 65535);
  if (!ip || !port) return std::nullopt;
  return SocketAddress(IpPort{*ip, static_cast<uint16_t>(*port)});
}

SocketAddress SocketAddress::FromNative(const sockaddr_storage& native, socklen_t length) {
  if (native.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(native);
    std::array<uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return SocketAddress(IpPort{IpAddress::V4(bytes), ntohs(v4.sin_port)});
  }
  if (native.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(native);
    std::array<uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return SocketAddress(IpPort{IpAddress::V6(bytes), ntohs(v6.sin6_port)});
  }
  const auto& local = reinterpret_cast<const sockaddr_un&>(native);
  const size_t room = length > offsetof(sockaddr_un, sun_path) ? length - offsetof(sockaddr_un, sun_path) : 0;
  return SocketAddress(UnixPath{std::string(local.sun_path, strnlen(local.sun_path, room))});
}

socklen_t SocketAddress::ToNative(sockaddr_storage* native) const {
  std::memset(native, 0, sizeof(*native));
  if (const UnixPath* local = unix_path()) {
    auto* out = reinterpret_cast<sockaddr_un*>(native);
    out->sun_family = AF_UNIX;
    std::memcpy(out->sun_path, local->path.data(), std::min(local->path.size(), sizeof(out->sun_path) - 1));
    return sizeof(*out);
  }
  const IpPort& ip = std::get<IpPort>(value_);
  if (ip.ip.is_v4()) {
    auto* out = reinterpret_cast<sockaddr_in*>(native);
    out->sin_family = AF_INET;
    out->sin_port = htons(ip.port);
    std::memcpy(&out->sin_addr, ip.ip.bytes().data(), 4);
    return sizeof(*out);
  }
  auto* out = reinterpret_cast<sockaddr_in6*>(native);
  out->sin6_family = AF_INET6;
  out->sin6_port = htons(ip.port);
  std::memcpy(&out->sin6_addr, ip.ip.bytes().data(), 16);
  return sizeof(*out);
}

std::string SocketAddress::ToString() const {
  if (const UnixPath* local = unix_path()) return "unix:" + local->path;
  const IpPort& ip = std::get<IpPort>(value_);
  if (ip.ip.is_v4()) return fmt::format("{}:{}", ip.ip.ToString(), ip.port);
  return fmt::format("[{}]:{}", ip.ip.ToString(), ip.port);
}

}  // namespace fairlead::base
