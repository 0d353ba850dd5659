#pragma once

#include <cstddef>
#include <cstdint>

namespace fairlead::tls {

// The sizes of a TLS record (RFC 8446 §5).
inline constexpr size_t kHeaderBytes = 5;
inline constexpr size_t kTagBytes = 16;
inline constexpr size_t kMaxContent = 1 << 14;
inline constexpr size_t kMaxCiphertext = kMaxContent + 256;         // of TLS 1.3
inline constexpr size_t kMaxLegacyCiphertext = kMaxContent + 2048;  // of TLS 1.2

enum class ContentType : uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
};

// The alerts (RFC 8446 §6) that are sent or told apart.
enum class Alert : uint8_t {
  kCloseNotify = 0,
  kUnexpectedMessage = 10,
  kBadRecordMac = 20,
  kRecordOverflow = 22,
  kIllegalParameter = 47,
  kDecodeError = 50,
  kInternalError = 80,
  kUserCanceled = 90,
};

}  // namespace fairlead::tls
