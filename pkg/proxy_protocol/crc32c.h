#pragma once

#include <cstdint>
#include <string_view>

namespace fairlead::proxy_protocol {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4), begun with 0; to go on, give the result so far.
constexpr uint32_t Crc32c(std::string_view bytes, uint32_t so_far = 0) {
  constexpr uint32_t kReversedPolynomial = 0x82F63B78;
  uint32_t crc = ~so_far;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (kReversedPolynomial & (0 - (crc & 1)));
  }
  return ~crc;
}

}  // namespace fairlead::proxy_protocol
