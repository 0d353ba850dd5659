#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fairlead::proxy_protocol {

// Names for the numbers of the specification; shared by reader and writer.

inline constexpr std::string_view kV1Signature = "PROXY ";
inline constexpr size_t kV1MaxBytes = 107;  // with the line's end (§2.1)

inline constexpr std::string_view kV2Signature{"\x0D\x0A\x0D\x0A\x00\x0D\x0A\x51\x55\x49\x54\x0A", 12};
inline constexpr size_t kV2FixedBytes = 16;
inline constexpr uint8_t kV2Version = 0x20;
inline constexpr uint8_t kCommandLocal = 0x00;
inline constexpr uint8_t kCommandProxy = 0x01;

// Address family and transport.
inline constexpr uint8_t kUnspecified = 0x00;
inline constexpr uint8_t kTcpOverIpv4 = 0x11;
inline constexpr uint8_t kTcpOverIpv6 = 0x21;
inline constexpr uint8_t kUnixStream = 0x31;
inline constexpr size_t kIpv4AddressBytes = 12;
inline constexpr size_t kIpv6AddressBytes = 36;
inline constexpr size_t kUnixPathBytes = 108;

// Types of what may follow the addresses (§2.2).
inline constexpr uint8_t kAlpn = 0x01;
inline constexpr uint8_t kAuthority = 0x02;
inline constexpr uint8_t kCrc32c = 0x03;
inline constexpr uint8_t kUniqueId = 0x05;
inline constexpr uint8_t kTls = 0x20;
inline constexpr uint8_t kTlsVersion = 0x21;
inline constexpr uint8_t kTlsCommonName = 0x22;
inline constexpr uint8_t kTlsCipher = 0x23;
inline constexpr size_t kMaxUniqueId = 128;

// The bits of a TLS value's first byte.
inline constexpr uint8_t kClientUsedTls = 0x01;
inline constexpr uint8_t kCertificateOnConnection = 0x02;
inline constexpr uint8_t kCertificateInSession = 0x04;

}  // namespace fairlead::proxy_protocol
