#include "pkg/proxy_protocol/header_writer.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "pkg/proxy_protocol/crc32c.h"
#include "pkg/proxy_protocol/wire.h"

namespace fairlead::proxy_protocol {
namespace {

using base::IpAddress;
using base::IpPort;

constexpr size_t kMaxText = 255;

struct IpPair {
  const IpPort* source = nullptr;
  const IpPort* destination = nullptr;
  explicit operator bool() const { return source != nullptr && destination != nullptr; }
  bool both_v4() const { return source->ip.is_v4() && destination->ip.is_v4(); }
};

IpPair IpPairOf(const Header& header) {
  if (header.local || !header.source || !header.destination) return {};
  return {header.source->ip_port(), header.destination->ip_port()};
}

void AppendBigEndian(uint32_t value, size_t size, std::string* out) {
  for (size_t i = size; i-- > 0;) out->push_back(static_cast<char>(value >> (8 * i)));
}

void AppendValue(uint8_t type, std::string_view value, std::string* out) {
  if (value.empty()) return;
  out->push_back(static_cast<char>(type));
  AppendBigEndian(static_cast<uint32_t>(value.size()), 2, out);
  out->append(value);
}

std::string TextAs(const IpAddress& ip, bool v4) {
  return ip.is_v4() && !v4 ? "::ffff:" + ip.ToString() : ip.ToString();
}

std::string BytesAs(const IpAddress& ip, bool v4) {
  constexpr std::string_view kMapped{"\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12};
  return std::string(ip.is_v4() && !v4 ? kMapped : "").append(ip.bytes());
}

std::string PaddedPath(const base::UnixPath& path) {
  std::string padded = path.path.substr(0, kUnixPathBytes);
  padded.resize(kUnixPathBytes, '\0');
  return padded;
}

// Appends both addresses; what family they are of.
uint8_t AppendAddresses(const Header& header, std::string* out) {
  if (const IpPair pair = IpPairOf(header)) {
    const bool v4 = pair.both_v4();
    *out += BytesAs(pair.source->ip, v4) + BytesAs(pair.destination->ip, v4);
    AppendBigEndian(pair.source->port, 2, out);
    AppendBigEndian(pair.destination->port, 2, out);
    return v4 ? kTcpOverIpv4 : kTcpOverIpv6;
  }
  const bool both = header.source && header.destination;
  if (both && header.source->is_unix() && header.destination->is_unix()) {
    *out += PaddedPath(*header.source->unix_path()) + PaddedPath(*header.destination->unix_path());
    return kUnixStream;
  }
  return kUnspecified;
}

std::string TlsValue(const TlsInfo& tls) {
  std::string value;
  uint8_t bits = kClientUsedTls;
  if (tls.certificate_given) bits |= kCertificateInSession;
  value.push_back(static_cast<char>(bits));
  AppendBigEndian(tls.certificate_given && !tls.certificate_verified ? 1 : 0, 4, &value);
  AppendValue(kTlsVersion, std::string_view(tls.version).substr(0, kMaxText), &value);
  AppendValue(kTlsCommonName, std::string_view(tls.common_name).substr(0, kMaxText), &value);
  AppendValue(kTlsCipher, std::string_view(tls.cipher).substr(0, kMaxText), &value);
  return value;
}

}  // namespace

std::string WriteV1(const Header& header) {
  const IpPair pair = IpPairOf(header);
  if (!pair) return "PROXY UNKNOWN\r\n";
  const bool v4 = pair.both_v4();
  return fmt::format("PROXY {} {} {} {} {}\r\n", v4 ? "TCP4" : "TCP6", TextAs(pair.source->ip, v4),
                     TextAs(pair.destination->ip, v4), pair.source->port, pair.destination->port);
}

std::string WriteV2(const Header& header) {
  std::string body;
  const uint8_t family = header.local ? kUnspecified : AppendAddresses(header, &body);
  if (!header.local && family != kUnspecified) {
    AppendValue(kAlpn, std::string_view(header.alpn).substr(0, kMaxText), &body);
    AppendValue(kAuthority, std::string_view(header.authority).substr(0, kMaxText), &body);
    AppendValue(kUniqueId, std::string_view(header.unique_id).substr(0, kMaxUniqueId), &body);
    if (header.tls) AppendValue(kTls, TlsValue(*header.tls), &body);
  }
  AppendValue(kCrc32c, std::string_view("\0\0\0\0", 4), &body);

  std::string whole(kV2Signature);
  whole.push_back(static_cast<char>(kV2Version | (header.local ? kCommandLocal : kCommandProxy)));
  whole.push_back(static_cast<char>(family));
  AppendBigEndian(static_cast<uint32_t>(body.size()), 2, &whole);
  whole += body;
  const uint32_t checksum = Crc32c(whole);
  whole.resize(whole.size() - sizeof(checksum));
  AppendBigEndian(checksum, sizeof(checksum), &whole);
  return whole;
}

}  // namespace fairlead::proxy_protocol
