#include "pkg/proxy_protocol/header_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "pkg/proxy_protocol/crc32c.h"
#include "pkg/proxy_protocol/wire.h"

namespace fairlead::proxy_protocol {
namespace {

using base::IpAddress;
using base::IpPort;
using base::SocketAddress;

// Takes `size` bytes off the front; nothing when there are fewer.
std::optional<std::string_view> Cut(std::string_view* rest, size_t size) {
  if (rest->size() < size) return std::nullopt;
  const std::string_view front = rest->substr(0, size);
  rest->remove_prefix(size);
  return front;
}

uint16_t BigEndian16(std::string_view two) {
  return static_cast<uint16_t>(static_cast<uint8_t>(two[0]) << 8 | static_cast<uint8_t>(two[1]));
}

uint32_t BigEndian32(std::string_view four) {
  return static_cast<uint32_t>(BigEndian16(four)) << 16 | BigEndian16(four.substr(2));
}

// Version 1, behind its signature and without the line's end (§2.1).

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  const bool canonical = text.size() == 1 || (!text.empty() && text[0] != '0');
  if (!whole || !canonical) return std::nullopt;
  return port;
}

bool ParseText(std::string_view line, Header* header) {
  std::array<std::string_view, 5> words;
  for (std::string_view& word : words) {
    const size_t end = std::min(line.find(' '), line.size());
    word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    if (&word == &words.front() && word == "UNKNOWN") return true;
  }
  const auto& [family, source, destination, source_port, destination_port] = words;
  if (!line.empty() || (family != "TCP4" && family != "TCP6")) return false;
  const auto address = [v4 = family == "TCP4"](std::string_view ip,
                                               std::string_view port) -> std::optional<SocketAddress> {
    const auto parsed_ip = IpAddress::Parse(ip);
    const auto parsed_port = ParsePort(port);
    const bool written_as_v4 = ip.find(':') == std::string_view::npos;
    if (!parsed_ip || !parsed_port || written_as_v4 != v4) return std::nullopt;
    return SocketAddress(IpPort{*parsed_ip, *parsed_port});
  };
  header->source = address(source, source_port);
  header->destination = address(destination, destination_port);
  return header->source && header->destination;
}

// Version 2 (§2.2).

template <size_t kSize>
std::array<uint8_t, kSize> Bytes(std::string_view bytes) {
  std::array<uint8_t, kSize> array;
  std::copy_n(bytes.begin(), kSize, array.begin());
  return array;
}

bool CutIpv4Pair(std::string_view* rest, Header* header) {
  const auto pair = Cut(rest, kIpv4AddressBytes);
  if (!pair) return false;
  header->source.emplace(IpPort{IpAddress::V4(Bytes<4>(pair->substr(0))), BigEndian16(pair->substr(8))});
  header->destination.emplace(
      IpPort{IpAddress::V4(Bytes<4>(pair->substr(4))), BigEndian16(pair->substr(10))});
  return true;
}

bool CutIpv6Pair(std::string_view* rest, Header* header) {
  const auto pair = Cut(rest, kIpv6AddressBytes);
  if (!pair) return false;
  header->source.emplace(IpPort{IpAddress::V6(Bytes<16>(pair->substr(0))), BigEndian16(pair->substr(32))});
  header->destination.emplace(
      IpPort{IpAddress::V6(Bytes<16>(pair->substr(16))), BigEndian16(pair->substr(34))});
  return true;
}

bool CutUnixPair(std::string_view* rest, Header* header) {
  for (auto* address : {&header->source, &header->destination}) {
    const auto padded = Cut(rest, kUnixPathBytes);
    if (!padded) return false;
    address->emplace(base::UnixPath{std::string(padded->substr(0, padded->find('\0')))});
  }
  return true;
}

// Calls `take(type, value)` for each; false when they do not fill the space, or `take` says so.
template <typename Take>
bool ForEachValue(std::string_view values, Take take) {
  while (!values.empty()) {
    const auto head = Cut(&values, 3);
    if (!head) return false;
    const auto value = Cut(&values, BigEndian16(head->substr(1)));
    if (!value || !take(static_cast<uint8_t>((*head)[0]), *value)) return false;
  }
  return true;
}

bool ReadTls(std::string_view value, Header* header) {
  const auto fixed = Cut(&value, 5);
  if (!fixed) return false;
  const auto bits = static_cast<uint8_t>((*fixed)[0]);
  TlsInfo tls;
  tls.certificate_given = (bits & (kCertificateOnConnection | kCertificateInSession)) != 0;
  tls.certificate_verified = tls.certificate_given && BigEndian32(fixed->substr(1)) == 0;
  const bool whole = ForEachValue(value, [&tls](uint8_t type, std::string_view text) {
    if (type == kTlsVersion) tls.version = text;
    if (type == kTlsCommonName) tls.common_name = text;
    if (type == kTlsCipher) tls.cipher = text;
    return true;
  });
  if (whole && (bits & kClientUsedTls) != 0) header->tls = std::move(tls);
  return whole;
}

// `whole`: the header from its first byte; `value`: the checksum in it, counted as zeros.
bool ChecksumHolds(std::string_view whole, std::string_view value) {
  if (value.size() != sizeof(uint32_t)) return false;
  const size_t at = value.data() - whole.data();
  uint32_t crc = Crc32c(whole.substr(0, at));
  crc = Crc32c(std::string_view("\0\0\0\0", sizeof(uint32_t)), crc);
  return Crc32c(whole.substr(at + sizeof(uint32_t)), crc) == BigEndian32(value);
}

bool ReadValues(std::string_view whole, std::string_view values, Header* header) {
  return ForEachValue(values, [&](uint8_t type, std::string_view value) {
    switch (type) {
      case kAlpn:
        header->alpn = value;
        return true;
      case kAuthority:
        header->authority = value;
        return true;
      case kUniqueId:
        header->unique_id = value;
        return value.size() <= kMaxUniqueId;
      case kCrc32c:
        return ChecksumHolds(whole, value);
      case kTls:
        return ReadTls(value, header);
      default:
        return true;
    }
  });
}

bool CutAddresses(uint8_t family, std::string_view* rest, Header* header) {
  switch (family) {
    case kTcpOverIpv4:
      return CutIpv4Pair(rest, header);
    case kTcpOverIpv6:
      return CutIpv6Pair(rest, header);
    case kUnixStream:
      return CutUnixPair(rest, header);
    default:
      // No address of a stream; and where its values begin cannot be known.
      *rest = {};
      return true;
  }
}

bool ParseBinary(std::string_view whole, Header* header) {
  const auto command = static_cast<uint8_t>(whole[12]);
  const auto family = static_cast<uint8_t>(whole[13]);
  std::string_view rest = whole.substr(kV2FixedBytes);
  if (command == (kV2Version | kCommandLocal)) {
    header->local = true;  // whatever else it says is to be skipped
    return true;
  }
  if (command != (kV2Version | kCommandProxy)) return false;
  return CutAddresses(family, &rest, header) && ReadValues(whole, rest, header);
}

bool BeginsLike(std::string_view bytes, std::string_view signature) {
  const size_t both = std::min(bytes.size(), signature.size());
  return bytes.substr(0, both) == signature.substr(0, both);
}

}  // namespace

HeaderReader::Result HeaderReader::Next(std::string_view* bytes) {
  // Byte by byte until it is clear what this is: what does not belong to a header must not be taken.
  while (true) {
    if (taken_.size() >= kV1Signature.size() && BeginsLike(taken_, kV1Signature)) return NextV1(bytes);
    if (taken_.size() >= kV2Signature.size() && BeginsLike(taken_, kV2Signature)) return NextV2(bytes);
    if (bytes->empty()) return Result::kNeedMore;
    if (!BeginsLike(taken_ + bytes->front(), kV1Signature) &&
        !BeginsLike(taken_ + bytes->front(), kV2Signature)) {
      return Result::kAbsent;
    }
    Take(bytes, taken_.size() + 1);
  }
}

// Until `total` bytes are there.
bool HeaderReader::Take(std::string_view* bytes, size_t total) {
  const size_t more = std::min(total - taken_.size(), bytes->size());
  taken_.append(bytes->substr(0, more));
  bytes->remove_prefix(more);
  return taken_.size() == total;
}

HeaderReader::Result HeaderReader::NextV1(std::string_view* bytes) {
  while (taken_.back() != '\n') {
    if (taken_.size() == kV1MaxBytes) return Result::kError;
    if (!Take(bytes, taken_.size() + 1)) return Result::kNeedMore;
  }
  std::string_view line = std::string_view(taken_).substr(kV1Signature.size());
  if (line.size() < 2 || line[line.size() - 2] != '\r') return Result::kError;
  line.remove_suffix(2);
  return ParseText(line, &header_) ? Result::kDone : Result::kError;
}

HeaderReader::Result HeaderReader::NextV2(std::string_view* bytes) {
  if (taken_.size() < kV2FixedBytes && !Take(bytes, kV2FixedBytes)) return Result::kNeedMore;
  const size_t total = kV2FixedBytes + BigEndian16(std::string_view(taken_).substr(14));
  if (total > kMaxBytes) return Result::kError;
  if (!Take(bytes, total)) return Result::kNeedMore;
  return ParseBinary(taken_, &header_) ? Result::kDone : Result::kError;
}

}  // namespace fairlead::proxy_protocol
