#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fairlead::telemetry {

// The cipher suites that connections may have, by OpenSSL's names: a tunnel remembers a number.
inline constexpr std::array<std::string_view, 9> kTlsCiphers = {
    "TLS_AES_128_GCM_SHA256",        "TLS_AES_256_GCM_SHA384",        "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",   "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",   "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"};

// From 1; 0 = another, or none.
constexpr uint8_t TlsCipherNumber(std::string_view name) {
  for (size_t i = 0; i < kTlsCiphers.size(); ++i) {
    if (kTlsCiphers[i] == name) return static_cast<uint8_t>(i + 1);
  }
  return 0;
}
constexpr std::string_view TlsCipherName(uint8_t number) {
  return number == 0 ? std::string_view() : kTlsCiphers[number - 1];
}

// The suites of 1.3 are of no other version, and the others of 1.2 alone.
constexpr std::string_view TlsVersionOf(std::string_view cipher) {
  return cipher.starts_with("TLS_") ? "TLSv1.3" : "TLSv1.2";
}

}  // namespace fairlead::telemetry
